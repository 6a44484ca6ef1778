"""Determines what a file is, whether it is intact, and whether its name matches."""

import errno
import logging
import zipfile
from collections.abc import Callable
from typing import Any

from jobs.operations.results import ItemFailed
from jobs.operations.verify.archives import PACKED, check_compress, check_packed, check_plain_tar
from jobs.operations.verify.content import Content
from jobs.operations.verify.data.checks import DATA
from jobs.operations.verify.declared import check_length
from jobs.operations.verify.documents.checks import DOCUMENTS
from jobs.operations.verify.kinds import (
    LABELS,
    ZIP_BASED,
    detect,
    extension,
    is_text,
    promised,
    usual,
)
from jobs.operations.verify.limits import CannotCheck, Checked, Limits, Meter
from jobs.operations.verify.media.check import FORMATS, SAMPLES, check_media
from jobs.operations.verify.packed.iso import check_iso, is_iso
from jobs.operations.verify.packed.others import check_ar, check_cabinet, check_cpio, check_rpm
from jobs.operations.verify.packed.rar import check_rar
from jobs.operations.verify.packed.sevenzip import check_sevenzip
from jobs.operations.verify.pdf import check_pdf
from jobs.operations.verify.pictures import PICTURES, check_picture
from jobs.operations.verify.raws import RAWS, check_raw
from jobs.operations.verify.stills.bitmaps import ICONS, check_bmp, check_icon
from jobs.operations.verify.stills.jpeg2000 import check_jpeg2000
from jobs.operations.verify.stills.jpegxl import check_jpegxl
from jobs.operations.verify.stills.photoshop import check_photoshop
from jobs.operations.verify.structured import (
    check_json,
    check_json_lines,
    check_xml,
)
from jobs.operations.verify.svgz import check_svgz
from jobs.operations.verify.texts import cannot_check_text, has_zeros
from jobs.operations.verify.zips import check_zip

logger = logging.getLogger(__name__)

_OF_CONTENT = (None, errno.EINVAL, errno.EOVERFLOW)
"""Numbers of an OSError that is raised for places in the content that do not exist."""


def inspect(content: Content, name: str, limits: Limits) -> tuple[dict[str, Any], str]:
    """Return facts, including "kind" and "checked", and a message, which may be empty.

    "checked" is how far the check went: "content", "structure", or "checksum" if nothing but the
    checksum was kept, which always has a message. Raises ItemFailed for a file that is not intact;
    its `data` has both as well.
    """
    kind = "binary"
    try:
        kind = _kind(content, name)
        checked = _check(content, kind, name, limits)
    except CannotCheck as reason:
        kind = reason.kind or kind
        mismatch = _mismatch(kind, name)
        note = f"Only the checksum was kept: {reason}"
        if mismatch:
            note = f"{note}. T{mismatch[1:]}"
        return {"kind": kind, "checked": "checksum"}, note
    except ItemFailed as failure:
        depth = "structure" if kind in _BY_STRUCTURE else "content"
        failure.data = {"kind": kind, "checked": depth, **(failure.data or {})}
        raise
    facts = {"kind": kind, "checked": checked.depth, **checked.facts}
    notes = "; ".join(filter(None, (_mismatch(facts["kind"], name), checked.note)))
    return facts, f"Whole, but {notes}" if notes else ""


def _kind(content: Content, name: str) -> str:
    """Return the kind by content. Raises ItemFailed for content that contradicts the name."""
    kind = detect(content.head, name)
    if kind in ("binary", "text") and is_iso(content):
        return "iso"
    expected = promised(name)
    if not expected and kind == "binary" and _is_text_with_zeros(content.head, name):
        return "text"
    if not expected and kind == "binary" and not any(content.head) and usual(name):
        expected = frozenset({usual(name)})
    if not expected or kind in expected:
        return kind
    if expected & ZIP_BASED and _is_zip(content):
        return "zip"
    if kind not in ("binary", "text"):
        return kind
    if any(content.head):
        found = "plain text" if kind == "text" else "nothing that is known"
    else:
        found = "nothing but zeros at its beginning"
    raise ItemFailed(
        f"Damaged, or not what its name says: the name says {_labels(expected)}, "
        f"the content is {found}",
        finding=True,
        data={"kind": kind, "checked": "structure"},
    )


def _is_text_with_zeros(head: bytes, name: str) -> bool:
    """Return True for the start of a text with a block of zeros in it.

    All of it may be zeros only in a log: shortened while a program writes it, it begins with them.
    """
    if usual(name) != "text" or not has_zeros(head):
        return False
    return is_text(head.replace(b"\0", b"")) if any(head) else extension(name) == "log"


def _is_zip(content: Content) -> bool:
    """Return True if an archive follows other content, e.g. a program that unpacks it."""
    with content.open() as stream:
        try:
            return zipfile.is_zipfile(stream)
        except zipfile.BadZipFile:
            return True  # the last volume of several


def _check(content: Content, kind: str, name: str, limits: Limits) -> Checked:
    """Return the outcome of the kind's check.

    Raises ItemFailed, CannotCheck, MemoryError, and OSError if the disk cannot be read. Whatever
    else a library raises says nothing about the file: it may be a fault of the library.
    """
    try:
        return _look_into(content, kind, name, limits)
    except (ItemFailed, CannotCheck, MemoryError):
        raise
    except ImportError as error:
        package = (error.name or "of its decoder").partition(".")[0]
        raise CannotCheck(f"it needs the package “{package}”, which is not installed") from None
    except Exception as error:
        if isinstance(error, OSError) and error.errno not in _OF_CONTENT:
            raise
        logger.warning("The check of a file failed, which is of the kind %s", kind, exc_info=error)
        raise CannotCheck(
            "its check failed for an unforeseen reason, which is in the log"
        ) from None


def _look_into(content: Content, kind: str, name: str, limits: Limits) -> Checked:
    check_length(content, kind, name)
    if kind == "text":
        raise cannot_check_text(content)
    check = _CHECKS.get("svgz" if extension(name) == "svgz" and kind == "gzip" else kind)
    if check is None:
        what = "this kind of content" if kind == "binary" else f"{LABELS[kind]} content"
        raise CannotCheck(f"{what} is not looked into")
    return check(content, kind, name, limits)


def _mismatch(kind: str, name: str) -> str:
    """Return what is wrong with a name that promises another kind, or an empty string."""
    expected = promised(name)
    if not expected or kind in expected:
        return ""
    return f"the name says {_labels(expected)} and the content is {LABELS[kind]}"


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
    "compress": lambda content, kind, name, limits: check_compress(content, limits),
    "svgz": lambda content, kind, name, limits: check_svgz(content, limits),
    "zip": lambda content, kind, name, limits: check_zip(content, name, limits),
    "7z": lambda content, kind, name, limits: check_sevenzip(content, limits),
    "ar": lambda content, kind, name, limits: check_ar(content, limits),
    "cab": lambda content, kind, name, limits: check_cabinet(content, limits),
    "cpio": lambda content, kind, name, limits: check_cpio(content, limits),
    "rpm": lambda content, *_: check_rpm(content),
    "iso": lambda content, kind, name, limits: check_iso(content, Meter(limits, content.size)),
    "rar": lambda content, kind, name, limits: check_rar(content, limits),
    "tar": lambda content, *_: check_plain_tar(content),
    "pdf": lambda content, kind, name, limits: check_pdf(content, limits),
    "json": lambda content, *_: check_json(content),
    "jsonl": lambda content, *_: check_json_lines(content),
    "xml": lambda content, kind, name, limits: check_xml(content, name),
    **DATA,
    **DOCUMENTS,
}
"""What looks into the content of each kind."""

_BY_STRUCTURE = SAMPLES | {"tar", "bmp", "iso", "ar", "cpio", "ole", "npy", "hdf5"}
"""Kinds of whose content a check can say nothing."""
