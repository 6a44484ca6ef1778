"""Unpacks every packed part of a PDF document: text, drawings, pictures, lists of objects.

qpdf finds the parts by the document's own list, so words such as “stream” in its text mean nothing.
It also decrypts a document whose password is empty.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO

from jobs.operations.verify.limits import Limits, Meter, broken
from jobs.operations.verify.pdf_pictures import PICTURES, NotWhole, Pictures

_FEED_BYTES = 64 * 1024
_PIECE_BYTES = 1024 * 1024
_KEPT_BYTES = 64 * 1024**2
_FLUSHED = b"\0\0\xff\xff"
_REBUILT = "reconstruct"
_UNREADABLE = re.compile(r"unable to recover|\bEOF\b|parse error|too many errors")
_UNUSUAL = re.compile(
    r"unknown token|unexpected |expected (?:dictionary key|endobj)|in hexstring|ended prematurely"
)
_LENGTHS = re.compile(
    r"offset (\d+)\): (?:expected (endstream)|attempting to recover|recovered stream length: (\d+))"
)
_UNUSUAL_NOTE = "parts of it are not written as PDF asks, which damage can also do"
_LINE_END_BYTES = 4
"""Programs count the ends of lines around a part or not."""
_SPACE = re.compile(rb"[\x00\t\n\x0c\r ]+")
_SHORT_NAMES = {
    "/A85": "/ASCII85Decode", "/AHx": "/ASCIIHexDecode", "/Fl": "/FlateDecode",
    "/LZW": "/LZWDecode", "/RL": "/RunLengthDecode", "/DCT": "/DCTDecode",
    "/CCF": "/CCITTFaxDecode",
}  # fmt: skip
_OF_QPDF = frozenset({"/LZWDecode", "/RunLengthDecode", "/ASCII85Decode", "/ASCIIHexDecode"})


class _Damaged(Exception):
    """One part cannot be unpacked."""


def check_parts(stream: BinaryIO, meter: Meter, limits: Limits, pictures: Pictures) -> str:
    """Unpack every part. Returns a note, or raises ItemFailed if one is damaged.

    `pictures` decodes those, and keeps what is to be said of them.
    Some programs write wrong checksums everywhere, so a document in which every part is wrong
    passes if it has several.
    """
    import pikepdf  # slow to load, and most libraries contain other files

    try:
        document = pikepdf.open(stream, suppress_warnings=True)
    except pikepdf.PasswordError:
        raise broken("Protected by a password: the pages of this PDF cannot be checked") from None
    except pikepdf.PdfError:
        raise broken("The PDF is damaged: its list of objects cannot be read") from None
    with document:
        warnings = _new_warnings(document)
        whole = damaged = 0
        for part in document.objects:
            if not isinstance(part, pikepdf.Stream):
                continue
            try:
                whole += _unpack(part, pikepdf, meter, limits, pictures)
            except _Damaged:
                damaged += 1
        warnings += _new_warnings(document)
    if damaged and (whole or damaged == 1):
        parts = whole + damaged
        are = "is" if damaged == 1 else "are"
        raise broken(
            f"The PDF is damaged: {damaged:,} of its {parts:,} packed parts {are} not valid"
        )
    if any(map(_UNREADABLE.search, warnings)):
        raise broken("The PDF is damaged: one of its objects cannot be read")
    return _UNUSUAL_NOTE if _is_unusual(warnings) else ""


def _new_warnings(document: Any) -> list[str]:
    """Return what qpdf has had to say since the last time.

    Raises ItemFailed if it had to look for the objects, because the list of them is wrong.
    """
    warnings = [str(warning) for warning in document.get_warnings()]
    if any(_REBUILT in warning for warning in warnings):
        raise broken("The PDF is damaged: its table of contents is not valid")
    return warnings


def _is_unusual(warnings: list[str]) -> bool:
    """Return True for objects that qpdf had to guess at, or parts with another length than said."""
    declared = start = 0
    for warning in warnings:
        if _UNUSUAL.search(warning):
            return True
        found = _LENGTHS.search(warning)
        if found is None:
            continue
        if found[2]:
            declared = int(found[1])
        elif found[3] is None:
            start = int(found[1])
        elif abs(declared - start - int(found[3])) > _LINE_END_BYTES:
            return True
    return False


def _unpack(part: Any, pikepdf: Any, meter: Meter, limits: Limits, pictures: Pictures) -> bool:
    """Return True if the part is packed, and could be unpacked. Raises _Damaged."""
    filters = _filters(part, pikepdf)
    if not filters:
        return False
    try:
        if _OF_QPDF.issuperset(filters):
            level = pikepdf.StreamDecodeLevel.specialized
            meter.add(len(part.read_bytes(level)))
            return True
        data = part.read_raw_bytes()
        meter.visit(len(data))
    except pikepdf.PdfError:
        raise _Damaged from None
    for number, name in enumerate(filters):
        decode = _DECODERS.get(name)
        if decode is None:
            try:
                pictures.check(name, data, part, _settings(part, pikepdf, number))
            except NotWhole:
                raise _Damaged from None
            return name in PICTURES
        data = decode(data, meter, limits)
    return True


def _settings(part: Any, pikepdf: Any, number: int) -> Any:
    """Return the parameters of one of the part's filters; None if it has none."""
    found = part.get("/DecodeParms", part.get("/DP"))
    if isinstance(found, pikepdf.Array):
        found = found[number] if number < len(found) else None
    return found if isinstance(found, pikepdf.Dictionary) else None


def _filters(part: Any, pikepdf: Any) -> list[str]:
    """Return the names of the part's filters, in the order in which they unpack it.

    Raises _Damaged for a name that is not text.
    """
    found = part.get("/Filter")
    names = list(found) if isinstance(found, pikepdf.Array) else [found] if found else []
    try:
        return [_SHORT_NAMES.get(str(name), str(name)) for name in names]
    except UnicodeDecodeError:
        raise _Damaged from None


def inflate(data: bytes, meter: Meter, limits: Limits) -> bytes:
    """Return the beginning of what a zlib stream unpacks to. Raises _Damaged.

    A missing checksum at the end is no damage, a wrong one is. Acrobat also ends parts with the
    mark that zlib writes between pieces (a flush), and no end.
    """
    if not data:
        return b""
    unpacker = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    view = memoryview(data)
    adler, at, kept = 1, 2, bytearray()
    waiting: bytes | memoryview = b""
    try:
        while not unpacker.eof:
            if not waiting:
                waiting = view[at : at + _FEED_BYTES]
                at += len(waiting)
                if not waiting:
                    if data.rstrip(b"\r\n").endswith(_FLUSHED):
                        return bytes(kept)
                    raise _Damaged
            piece = unpacker.decompress(waiting, _PIECE_BYTES)
            waiting = unpacker.unconsumed_tail
            meter.add(len(piece))
            adler = zlib.adler32(piece, adler)
            if len(kept) < _KEPT_BYTES:
                kept += piece
    except zlib.error:
        raise _Damaged from None
    recorded = data[at - len(unpacker.unused_data) :][:4]
    if len(recorded.strip(b"\r\n")) >= 4 and recorded != adler.to_bytes(4, "big"):
        raise _Damaged
    return bytes(kept)


def _ascii85(data: bytes, meter: Meter, limits: Limits) -> bytes:
    text = _SPACE.sub(b"", data).removeprefix(b"<~").partition(b"~")[0]
    try:
        return base64.a85decode(text)
    except ValueError:
        raise _Damaged from None


def _hex(data: bytes, meter: Meter, limits: Limits) -> bytes:
    text = _SPACE.sub(b"", data).partition(b">")[0]
    try:
        return binascii.unhexlify(text + b"0" * (len(text) % 2))
    except binascii.Error:
        raise _Damaged from None


def _as_it_is(data: bytes, meter: Meter, limits: Limits) -> bytes:
    return data


_DECODERS: dict[str, Callable[[bytes, Meter, Limits], bytes]] = {
    "/ASCII85Decode": _ascii85,
    "/ASCIIHexDecode": _hex,
    "/FlateDecode": inflate,
    "/Crypt": _as_it_is,  # qpdf has decrypted it
}
"""What unpacks a part. Other filters are of pictures."""
