"""Checks ZIP archives and formats based on them (cbz, epub, docx, whl, jar, …)."""

import errno
import lzma
import re
import struct
import zipfile
import zlib
from typing import IO

from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import Checked, Limits, Meter, broken, shown

READ_BYTES = 256 * 1024
_ENCRYPTED = 0x1
_UTF8 = 0x800
_LOCAL_HEADER_BYTES = 30
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_LIST_NOT_VALID = "The archive is damaged: its list of members is not valid"
_READABLE = frozenset(
    {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
)
_UNPACKING = (
    OSError, ValueError, OverflowError, RuntimeError, zlib.error, lzma.LZMAError, struct.error,
)  # fmt: skip
_MEDIA_TYPES = {
    b"application/epub+zip": "epub",
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
}
_OFFICE_FOLDERS = {"word": "docx", "xl": "xlsx", "ppt": "pptx"}


def check_zip(content: Content, limits: Limits) -> Checked:
    """Read every member with its checksum. Raises ItemFailed for a broken archive."""
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
        readable = [member for member in members if member.compress_type in _READABLE]
        for member in readable:
            _read(archive, member, meter)
        kind = _kind(archive)
        facts = {"kind": kind, "members": len(members), "unpacked_bytes": meter.unpacked}
    unreadable = len(members) - len(readable)
    note = (
        f"{unreadable:,} of {len(members):,} members use an unknown compression method, "
        "so they were not read"
    )
    if unreadable:
        return Checked(facts, note, depth="structure")
    return Checked(facts)


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
        _pass_on(error)
        raise broken(_LIST_NOT_VALID) from None


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo, meter: Meter) -> None:
    name = shown(member.filename)
    _tolerate_other_name(archive, member)
    try:
        with archive.open(member) as content:
            while piece := content.read(READ_BYTES):
                meter.add(len(piece))
    except zipfile.BadZipFile as error:
        if "CRC-32" in str(error):
            raise broken(f"Damaged: the checksum of member {name} does not match") from None
        raise broken(f"Damaged: the header of member {name} is not valid") from None
    except EOFError:
        raise broken(f"The archive is cut off in member {name}") from None
    except _UNPACKING as error:
        _pass_on(error)
        raise broken(f"Damaged: member {name} cannot be unpacked") from None


def _tolerate_other_name(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Let a member's own header spell its name with other slashes or in another encoding.

    Programs on Windows write both into one archive. zipfile takes any difference for damage.
    """
    stream = archive.fp
    if stream is None or member.header_offset < 0:
        return
    stream.seek(member.header_offset)
    header = stream.read(_LOCAL_HEADER_BYTES)
    if len(header) < _LOCAL_HEADER_BYTES or not header.startswith(b"PK\x03\x04"):
        return
    flags, length = struct.unpack_from("<6xH18xH", header)
    own = stream.read(length).decode("utf-8" if flags & _UTF8 else "cp437", "replace")
    if own != member.orig_filename and _spelling(own) == _spelling(member.orig_filename):
        member.orig_filename = own


def _spelling(name: str) -> str:
    return _NOT_ASCII.sub("?", name.replace("\\", "/"))


def _pass_on(error: Exception) -> None:
    """Re-raise an error of the disk; an invalid offset in the archive is not one."""
    if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
        raise error


def _kind(archive: zipfile.ZipFile) -> str:
    names = set(archive.namelist())
    if "mimetype" in names:
        member = archive.getinfo("mimetype")
        if member.file_size < 100 and member.compress_type in _READABLE:
            found = _MEDIA_TYPES.get(archive.read(member).strip())
            if found:
                return found
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
