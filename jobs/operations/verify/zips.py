"""Checks ZIP archives and formats based on them (cbz, epub, docx, whl, jar, …)."""

import errno
import re
import struct
import zipfile
from typing import IO

from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import CannotCheck, Checked, Limits, Meter, broken, shown
from jobs.operations.verify.packed.zip_members import is_readable, read_member

_ENCRYPTED = 0x1
_LIST_NOT_VALID = "The archive is damaged: its list of members is not valid"
_VOLUME = "it is one of several volumes of an archive"
_VOLUME_NAME = re.compile(r"\.(z?\d\d|\d{3})$", re.IGNORECASE)
_SPANNED = b"PK\x07\x08"
_END = b"PK\x05\x06"
_LOCATOR = b"PK\x06\x07"
_LOCATOR_BYTES = 20
_END_BYTES = 22 + 65535
_LONGEST_MEDIA_TYPE = 100
_MEDIA_TYPES = {
    b"application/epub+zip": "epub",
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
}
_OFFICE_FOLDERS = {"word": "docx", "xl": "xlsx", "ppt": "pptx"}


def check_zip(content: Content, name: str, limits: Limits) -> Checked:
    """Read every member with its checksum. Raises ItemFailed for a broken archive.

    Raises CannotCheck for a volume of one.
    """
    _check_complete(content, name)
    meter = Meter(limits, content.size)
    with content.open() as stream, _open(stream) as archive:
        members = archive.infolist()
        locked = [member.filename for member in members if member.flag_bits & _ENCRYPTED]
        if locked:
            raise broken(
                f"Protected by a password: {len(locked):,} of {len(members):,} members cannot "
                f"be checked, the first is {shown(locked[0])}"
            )
        meter.expect(sum(member.file_size for member in members))
        meter.visit(sum(member.compress_size for member in members))
        readable = [member for member in members if is_readable(member)]
        media_type = b""
        for member in readable:
            start = read_member(content, member, meter)
            if member.filename == "mimetype":
                media_type = start[:_LONGEST_MEDIA_TYPE].strip()
        kind = _MEDIA_TYPES.get(media_type) or _kind(archive)
        facts = {"kind": kind, "members": len(members), "unpacked_bytes": meter.unpacked}
    unreadable = len(members) - len(readable)
    use, they_were = ("uses", "it was") if unreadable == 1 else ("use", "they were")
    note = (
        f"{unreadable:,} of {len(members):,} members {use} an unknown compression method, "
        f"so {they_were} not read"
    )
    if unreadable:
        return Checked(facts, note, depth="structure")
    return Checked(facts)


def _check_complete(content: Content, name: str) -> None:
    """Raise CannotCheck for a volume: only the last one has the list of members."""
    tail = content.tail(_END_BYTES)
    place = tail.rfind(_END)
    if place < 0:
        if content.head.startswith(_SPANNED) or _VOLUME_NAME.search(name):
            raise CannotCheck(_VOLUME)
        return
    number = int.from_bytes(tail[place + 4 : place + 6], "little")
    large = tail[max(0, place - _LOCATOR_BYTES) : place]
    volumes = int.from_bytes(large[16:20], "little") if large.startswith(_LOCATOR) else 1
    if number not in (0, 0xFFFF) or volumes > 1:
        raise CannotCheck(_VOLUME)


def _open(stream: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(stream)
    except zipfile.BadZipFile as error:
        if str(error) == "File is not a zip file":
            raise broken(
                "The archive is cut off or damaged: the list of members at its end is missing"
            ) from None
        raise broken(_LIST_NOT_VALID) from None
    except (OSError, ValueError, OverflowError, struct.error, NotImplementedError) as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise  # an error of the disk; an invalid place in the archive is not one
        raise broken(_LIST_NOT_VALID) from None


def _kind(archive: zipfile.ZipFile) -> str:
    names = set(archive.namelist())
    if "META-INF/container.xml" in names:
        return "epub"
    if "[Content_Types].xml" in names:
        folders = {name.partition("/")[0] for name in names}
        return next((kind for name, kind in _OFFICE_FOLDERS.items() if name in folders), "zip")
    if "META-INF/MANIFEST.MF" in names:
        return "jar"
    if any(name.endswith(".dist-info/WHEEL") for name in names):
        return "whl"
    return "zip"
