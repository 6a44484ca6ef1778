"""The operation `verify`: is this file whole?"""

from typing import Any

from django import forms

from jobs.operations.base import Operation
from jobs.operations.files import unreachable
from jobs.operations.item import Item
from jobs.operations.outcome import ItemFailed, Result
from jobs.operations.verify.content import Content
from jobs.operations.verify.inspect import inspect
from jobs.operations.verify.limits import Limits, broken

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
        help_text="An archive that unpacks to more than 1 GB and so many times its size fails.",
    )
    max_megapixels = forms.IntegerField(
        label="Largest picture (megapixels)",
        initial=1000,
        min_value=1,
        max_value=100_000,
        help_text="A picture of more pixels than this, all pages together, fails.",
    )


class Verify(Operation):
    """Reads each file once for its checksum, then again to its end as what it is."""

    name = "verify"
    label = "Verify files"
    description = (
        "Tells which files are broken: cut off, damaged, empty or protected by a password. "
        "Only reads."
    )
    Parameters = VerifyParameters
    timeout = 900.0
    attempts = 2
    remembers = True

    def process(self, item: Item, parameters: dict[str, Any]) -> Result:
        """Kind, checksum and facts of a whole file.

        Raises ItemFailed with what is wrong with it. Then the memory stays as it was, so that
        corruption is told again until somebody mends the file.
        """
        name = item.key.rpartition("/")[2]
        with Content(item) as content:
            if not content.size:
                raise broken("The file is empty")
            try:
                facts, message = inspect(content, name, Limits.of(parameters))
            except ItemFailed as failure:
                content.check_unchanged()
                message = failure.message
                if _silently_changed(content, item.previous):
                    message = f"{SILENT}. {message}"
                data = {**(failure.data or {}), "sha256": content.sha256}
                raise ItemFailed(message, finding=True, data=data) from None
            except OSError as error:
                raise unreachable(error, item.root) from None
            content.check_unchanged()
            facts["sha256"] = content.sha256
            if _silently_changed(content, item.previous):
                raise ItemFailed(SILENT, finding=True, data=facts)
        return Result(facts, message, content.fingerprint())


def _silently_changed(content: Content, previous: dict[str, Any] | None) -> bool:
    now = content.fingerprint()
    before = previous or {}
    return (
        before.get("size") == now["size"]
        and before.get("mtime_ns") == now["mtime_ns"]
        and before.get("sha256", now["sha256"]) != now["sha256"]
    )
