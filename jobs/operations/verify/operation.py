"""The operation `verify`: checks that files are intact."""

from typing import Any

from django import forms

from jobs.operations.base import Operation
from jobs.operations.counts import Counts
from jobs.operations.files import unreachable
from jobs.operations.item import Item
from jobs.operations.results import ItemFailed, Result
from jobs.operations.totals import Totals
from jobs.operations.verify.content import Content
from jobs.operations.verify.inspect import inspect
from jobs.operations.verify.kinds import must_have_content
from jobs.operations.verify.limits import Limits
from jobs.operations.verify.summary import sentence, totals_of

SILENT = (
    "Silent corruption: the content is not what it was, although size and time of the file are "
    "the same. Restore it from a backup, or touch the file if it was changed on purpose"
)


class VerifyParameters(forms.Form):
    max_unpacked_gb = forms.IntegerField(
        label="Largest unpacked size (GB)",
        initial=20,
        min_value=1,
        max_value=100_000,
        help_text="An archive that unpacks to more than this fails.",
    )
    max_ratio = forms.IntegerField(
        label="Largest ratio",
        initial=200,
        min_value=1,
        max_value=1_000_000,
        help_text="An archive fails if it unpacks to over 1 GB and over this many times its size.",
    )
    max_megapixels = forms.IntegerField(
        label="Largest picture (megapixels)",
        initial=1000,
        min_value=1,
        max_value=100_000,
        help_text="A picture fails if one of its pages or frames has more pixels than this.",
    )
    max_decoding_minutes = forms.IntegerField(
        label="Longest decoding (minutes)",
        initial=10,
        min_value=1,
        max_value=14,
        help_text="Sound and film are decoded for up to this time; the rest is only read.",
    )


class Verify(Operation):
    """Reads each file once, decodes it to its end, and computes its checksum."""

    name = "verify"
    label = "Verify files"
    description = (
        "Finds broken files: cut off, damaged, empty or protected by a password. Only reads."
    )
    Parameters = VerifyParameters
    timeout = 900.0
    attempts = 2
    columns = ("kind", "checked", "sha256")
    remembers = True

    def process(self, item: Item, parameters: dict[str, Any]) -> Result:
        """Return kind, checksum and facts of an intact file.

        Raises ItemFailed with what is wrong. What was remembered stays then, so each run reports
        silent corruption until the file is restored.
        """
        name = item.key.rpartition("/")[2]
        with Content(item) as content:
            if not content.size:
                return _empty(name, content)
            try:
                facts, message = inspect(content, name, Limits.of(parameters))
                problem = ""
            except ItemFailed as failure:
                facts, problem = failure.data or {}, failure.message
            except OSError as error:
                raise unreachable(error, item.root) from None
            facts["sha256"] = content.sha256
            content.check_unchanged()
            if _silently_changed(content, item.previous):
                problem = f"{SILENT}. {problem}" if problem else SILENT
            if problem:
                raise ItemFailed(problem, finding=True, data=facts)
        return _result(facts, message, content)

    def summary(self, progress: Counts, totals: Totals) -> str:
        """As in “2,310 whole · 41 broken · 380 not looked into: RAR 300, Photoshop 80”."""
        return sentence(progress, totals)


def _empty(name: str, content: Content) -> Result:
    """Return the result for a file without bytes. Raises ItemFailed if its kind needs some."""
    if must_have_content(name):
        raise ItemFailed(
            "The file is empty",
            finding=True,
            data={"kind": "empty", "checked": "content", "sha256": content.sha256},
        )
    facts = {"kind": "empty", "checked": "content", "sha256": content.sha256}
    return _result(facts, "The file is empty", content)


def _result(facts: dict[str, Any], message: str, content: Content) -> Result:
    remember = {**content.fingerprint(), "checked": facts["checked"]}
    return Result(facts, message, remember, totals=totals_of(facts))


def _silently_changed(content: Content, previous: dict[str, Any] | None) -> bool:
    now = content.fingerprint()
    before = previous or {}
    return (
        before.get("size") == now["size"]
        and before.get("mtime_ns") == now["mtime_ns"]
        and before.get("sha256", now["sha256"]) != now["sha256"]
    )
