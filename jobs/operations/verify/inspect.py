"""Determines what a file is, whether it is intact, and whether its name matches."""

import zipfile
from collections.abc import Callable
from typing import Any

from jobs.operations.results import ItemFailed
from jobs.operations.verify.archives import PACKED, check_packed, check_plain_tar
from jobs.operations.verify.content import Content
from jobs.operations.verify.data.checks import DATA
from jobs.operations.verify.declared import check_length
from jobs.operations.verify.documents.checks import DOCUMENTS
from jobs.operations.verify.kinds import LABELS, ZIP_BASED, detect, extension, promised, usual
from jobs.operations.verify.limits import CannotCheck, Checked, Limits
from jobs.operations.verify.media.check import FORMATS, check_media
from jobs.operations.verify.pdf import check_pdf
from jobs.operations.verify.pictures import PICTURES, check_picture
from jobs.operations.verify.raws import RAWS, check_raw
from jobs.operations.verify.stills.bitmaps import ICONS, check_bmp, check_icon
from jobs.operations.verify.stills.jpeg2000 import check_jpeg2000
from jobs.operations.verify.stills.jpegxl import check_jpegxl
from jobs.operations.verify.stills.photoshop import check_photoshop
from jobs.operations.verify.structured import check_json, check_json_lines, check_xml
from jobs.operations.verify.svgz import check_svgz
from jobs.operations.verify.zips import check_zip


def inspect(content: Content, name: str, limits: Limits) -> tuple[dict[str, Any], str]:
    """Return facts, including "kind", and a message, which may be empty.

    Raises ItemFailed for a file that is not intact; its `data` has the kind.
    """
    kind = _kind(content, name)
    try:
        checked = _check(content, kind, name, limits)
        note = f"Whole, but {checked.note}" if checked.note else ""
    except CannotCheck as reason:
        checked = Checked({})
        note = f"Only the checksum was kept: {reason}"
    except ItemFailed as failure:
        failure.data = {"kind": kind}
        raise
    facts = {"kind": kind, **checked.facts}
    return facts, _mismatch(facts["kind"], name) or note


def _kind(content: Content, name: str) -> str:
    """Return the kind by content. Raises ItemFailed for content that contradicts the name."""
    kind = detect(content.head, name)
    expected = promised(name)
    if kind == "binary" and not any(content.head) and usual(name):
        expected = frozenset({usual(name)})
    if not expected or kind not in ("binary", "text"):
        return kind
    if expected & ZIP_BASED:
        # A program may precede the archive, which makes it executable.
        with content.open() as stream:
            if zipfile.is_zipfile(stream):
                return "zip"
    if any(content.head):
        found = "plain text" if kind == "text" else "nothing that is known"
    else:
        found = "nothing but zeros at its beginning"
    raise ItemFailed(
        f"Damaged, or not what its name says: the name says {_labels(expected)}, "
        f"the content is {found}",
        finding=True,
        data={"kind": kind},
    )


def _check(content: Content, kind: str, name: str, limits: Limits) -> Checked:
    check_length(content, kind, name)
    check = _CHECKS.get("svgz" if extension(name) == "svgz" and kind == "gzip" else kind)
    if check is None:
        what = "this kind of content" if kind == "binary" else f"{LABELS[kind]} content"
        raise CannotCheck(f"{what} is not looked into")
    return check(content, kind, name, limits)


def _mismatch(kind: str, name: str) -> str:
    """Return a sentence about a name that promises another kind, or an empty string."""
    expected = promised(name)
    if not expected or kind in expected:
        return ""
    return f"Whole, but the name says {_labels(expected)} and the content is {LABELS[kind]}"


def _labels(expected: frozenset[str]) -> str:
    if expected >= ZIP_BASED:
        return LABELS["zip"]
    return " or ".join(sorted(LABELS[kind] for kind in expected))


_CHECKS: dict[str, Callable[[Content, str, str, Limits], Checked]] = {
    **dict.fromkeys(
        PICTURES, lambda content, kind, _, limits: check_picture(content, kind, limits)
    ),
    **dict.fromkeys(RAWS, lambda content, kind, _, limits: check_raw(content, kind, limits)),
    **dict.fromkeys(ICONS, lambda content, kind, _, limits: check_icon(content, limits)),
    "bmp": lambda content, kind, name, limits: check_bmp(content, limits),
    "jp2": lambda content, kind, name, limits: check_jpeg2000(content, limits),
    "jxl": lambda content, kind, name, limits: check_jpegxl(content, limits),
    "psd": lambda content, kind, name, limits: check_photoshop(content, limits),
    **dict.fromkeys(FORMATS, lambda content, kind, _, limits: check_media(content, kind, limits)),
    **dict.fromkeys(PACKED, lambda content, kind, _, limits: check_packed(content, kind, limits)),
    "svgz": lambda content, kind, name, limits: check_svgz(content, limits),
    "zip": lambda content, kind, name, limits: check_zip(content, limits),
    "tar": lambda content, *_: check_plain_tar(content),
    "pdf": lambda content, kind, name, limits: check_pdf(content, limits),
    "json": lambda content, *_: check_json(content),
    "jsonl": lambda content, *_: check_json_lines(content),
    "xml": lambda content, kind, name, limits: check_xml(content, name),
    **DATA,
    **DOCUMENTS,
    "text": lambda *_: Checked({}),
}
"""What looks into the content of each kind."""
