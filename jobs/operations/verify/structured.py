"""Checks JSON and XML: parses them from start to end without keeping the content."""

import codecs
import gc
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import IO
from xml.parsers import expat

from jobs.operations.results import ItemFailed
from jobs.operations.verify.content import Content
from jobs.operations.verify.kinds import parses_by_name
from jobs.operations.verify.limits import CannotCheck, Checked, broken
from jobs.operations.verify.texts import cannot_check_text

JSON_BYTES = 32 * 1024 * 1024
"""JSON is parsed in memory, where it can take thirty times its size."""
XML_TOKEN_BYTES = 32 * 1024 * 1024
READ_BYTES = 1024 * 1024
_MOST_DEFAULTS = 300
"""Attributes that a document type may declare for one element. HTML has 30."""

# Every value becomes True: nothing is kept, and a number of a million digits costs nothing.
_JSON = json.JSONDecoder(object_pairs_hook=bool, parse_int=bool, parse_float=bool)
_LOOSE_JSON = json.JSONDecoder(
    strict=False, object_pairs_hook=bool, parse_int=bool, parse_float=bool
)
_NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1d\x1f]")
_JSON_VALUE = re.compile(r"[^\s\x1e]")
# A string or comment without an end is taken as it stands, up to the end of the text: looked for
# again from each quote or slash in it, its end would take time that grows with the square.
_JSON_STRING = r'"(?:\\.|[^"\\])*+"?'
_JSON_COMMENTS = re.compile(rf"({_JSON_STRING}|/\*(?:(?!\*/).)*+\Z)|//[^\n]*|/\*.*?\*/", re.DOTALL)
_JSON_COMMAS = re.compile(rf"({_JSON_STRING})|,(?=\s*[\]}}])", re.DOTALL)
_XML_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_JSON_MISTAKES = {
    "Expecting value": "a value is missing",
    "Expecting ','": "a comma is missing",
    "Expecting ':'": "a colon is missing",
    "Expecting property name": "a name in double quotes is missing",
    "trailing comma": "a comma too many",
    "Unterminated string": "a string without an end",
    "Extra data": "other text behind its end",
    "control character": "a control character in a string",
    "escape": "an unknown character after a backslash",
}
"""What is wrong, by a part of what Python's parser says."""
_XML_11 = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml\s+version\s*=\s*["']1\.1["']""")
_ALIASES = {
    "unicode": "utf-16", "utf": "utf-8", "ansi": "cp1252", "x-sjis": "shift_jis",
    "ucs-2": "utf-16", "iso-10646-ucs-2": "utf-16", "iso-10646-ucs-4": "utf-32",
    "iso-8859-8-i": "iso-8859-8", "iso-8859-6-i": "iso-8859-6", "x-mac-roman": "mac-roman",
}  # fmt: skip
"""Names of encodings that programs write and Python does not know."""

_WIDE = frozenset({"utf-16", "utf-32"})
_OF_EXPAT = frozenset({"utf-8", "utf-16", "utf-16le", "utf-16be", "us-ascii"})

_CUT_OFF = frozenset({
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
})  # fmt: skip
_BOMB = 43  # XML_ERROR_AMPLIFICATION_LIMIT_BREACH, a code without a name in Python


def check_json(content: Content) -> Checked:
    """Parse the file. Raises ItemFailed with line and column of the first error.

    Files of this name are also written as JSON lines, and with comments and commas at the end.
    """
    if content.size > JSON_BYTES:
        raise CannotCheck(f"JSON of more than {JSON_BYTES // 1024**2} MB is not parsed")
    with content.open() as stream:
        text = stream.read()
    try:
        _parse_json(text, "")
    except ItemFailed as failure:
        lines = _json_lines(text)
        if lines:
            return Checked({"kind": "jsonl", "lines": lines})
        if _is_commented_json(text):
            return Checked({}, "it has comments or commas that JSON does not know")
        if note := _loose_json(text):
            return Checked({}, note)
        raise failure from None
    return Checked({})


def check_json_lines(content: Content) -> Checked:
    """Parse each line separately; empty lines are allowed. Raises ItemFailed."""
    lines = 0
    encoding: str = json.detect_encoding(content.head[:4])
    if encoding in ("utf-16", "utf-32"):
        # The mark that says so stands in the first line only.
        encoding += "-le" if content.head[:2] == codecs.BOM_UTF16_LE else "-be"
    newline = "\n".encode(encoding.removesuffix("-sig"))
    blank = b" \t\r\n\xff\xfe\xef\xbb\xbf" + (b"\0" if len(newline) > 1 else b"")
    with content.open() as stream:
        while line := _line(stream, newline):
            lines += 1
            if line.strip(blank):
                _parse_json(line, f" in line {lines:,}", encoding)
    return Checked({"lines": lines})


def _line(stream: IO[bytes], newline: bytes) -> bytes:
    """Return the next line with its end. Raises CannotCheck for one too long for memory."""
    pieces: list[bytes] = []
    length, end = 0, b""
    while piece := stream.readline(JSON_BYTES):
        length += len(piece)
        if length >= JSON_BYTES:
            raise CannotCheck(f"lines of more than {JSON_BYTES // 1024**2} MB are not parsed")
        # In UTF-16 and UTF-32 the byte of a line feed is part of other characters, too.
        rest = stream.read(-length % len(newline))
        length += len(rest)
        pieces += piece, rest
        end = (end + piece[-len(newline) :] + rest)[-len(newline) :]
        if end == newline:
            break
    return b"".join(pieces)


def _json_lines(text: bytes) -> int:
    """Return the number of lines if there are at least two, and each is a JSON value; else 0."""
    lines = 0
    try:
        for line in io.BytesIO(text):
            if line.strip():
                _parse_json(line, " ")
                lines += 1
    except ItemFailed:
        return 0
    return lines if lines > 1 else 0


def _loose_json(text: bytes) -> str:
    """Return what is unusual in several values in a row, or in texts with ends of lines in them.

    Programs that write logs and exports do both. Returns "" if it is not JSON even so.
    """
    try:
        decoded = text.decode(json.detect_encoding(text)).lstrip("\ufeff")
    except UnicodeDecodeError:
        return ""
    if _NOT_IN_TEXT.search(decoded):
        return ""
    at, values = 0, 0
    while found := _JSON_VALUE.search(decoded, at):
        try:
            _, at = _LOOSE_JSON.raw_decode(decoded, found.start())
        except (json.JSONDecodeError, RecursionError):
            return ""
        values += 1
    if values > 1:
        return "it has several values, one after the other"
    return "it has ends of lines or tabs inside texts" if values else ""


def _is_commented_json(text: bytes) -> bool:
    try:
        decoded = text.decode(json.detect_encoding(text))
        plain = _JSON_COMMENTS.sub(lambda found: found[1] or " ", decoded)
        plain = _JSON_COMMAS.sub(lambda found: found[1] or " ", plain)
        _parse_json(plain.encode(), "")
    except (ItemFailed, UnicodeDecodeError):
        return False
    return True


def check_xml(content: Content, name: str) -> Checked:
    """Parse without fetching external entities. Raises ItemFailed if it is not well formed.

    A file that looks like XML but has another kind of name (template, web page) counts as text.
    """
    encoding = _unusual_encoding(content.head)
    with content.open() as stream:
        pieces: Iterator[bytes] = iter(lambda: stream.read(READ_BYTES), b"")
        try:
            if encoding:
                pieces = map(str.encode, codecs.iterdecode(pieces, encoding))
            root = _parse_xml(pieces, encoding)
        except expat.ExpatError as error:
            if not parses_by_name(name) and error.code != _BOMB:
                raise cannot_check_text(content) from None
            if _XML_11.match(content.head):
                raise CannotCheck("it is of XML 1.1, which is not known here") from None
            raise broken(_reason(error)) from None
        except UnicodeDecodeError as error:
            raise broken(
                f"The XML is damaged: it contains bytes that are not {encoding}"
            ) from error
    return Checked({"kind": "svg" if root.rpartition(":")[2] == "svg" else "xml"})


def check_unpacked_xml(pieces: Iterator[bytes]) -> str:
    """Parse XML that comes in pieces, and return the name of its root.

    Raises ItemFailed if it is not well formed.
    """
    try:
        return _parse_xml(pieces, "").rpartition(":")[2]
    except expat.ExpatError as error:
        raise broken(_reason(error)) from None


def _parse_json(text: bytes, where: str, encoding: str = "") -> None:
    # Millions of new lists would trigger the collector all the time, and there are no cycles.
    gc.disable()
    try:
        decoded = text.decode(encoding or json.detect_encoding(text))
        _JSON.decode(decoded.lstrip("\ufeff"))
    except json.JSONDecodeError as error:
        where = where or f" in line {error.lineno:,}, column {error.colno:,}"
        what = next(
            (said for text, said in _JSON_MISTAKES.items() if text in error.msg), "a mistake"
        )
        raise broken(f"Not valid JSON: {what}{where}") from None
    except UnicodeDecodeError as error:
        where = where or f" (byte {error.start:,})"
        raise broken(f"Not valid JSON: it contains bytes that are not text{where}") from None
    except RecursionError:
        raise CannotCheck("JSON that is nested so deeply is not parsed") from None
    finally:
        gc.enable()


def _parse_xml(pieces: Iterator[bytes], encoding: str) -> str:
    """Return the name of the root element."""
    parser = expat.ParserCreate("utf-8" if encoding else None)
    found: list[str] = []

    def note_root(name: str, attributes: object) -> None:
        found.append(name)
        parser.StartElementHandler = None

    parser.StartElementHandler = note_root
    parser.AttlistDeclHandler = _limit_defaults()
    given = 0
    for piece in pieces:
        parser.Parse(piece, False)
        given += len(piece)
        # Expat looks at an unfinished comment or tag from its start with each piece.
        if given - parser.CurrentByteIndex > XML_TOKEN_BYTES:
            raise CannotCheck(
                f"a comment or tag of more than {XML_TOKEN_BYTES // 1024**2} MB in it is not parsed"
            )
    parser.Parse(b"", True)
    return found[0]


def _limit_defaults() -> Callable[[str, str, str, str | None, bool], None]:
    """Return a handler for declared attributes. Every element gets those that have a default."""
    defaults: Counter[str] = Counter()

    def declared(element: str, name: str, kind: str, default: str | None, required: bool) -> None:
        defaults[element] += 1
        if defaults[element] > _MOST_DEFAULTS:
            raise CannotCheck(
                f"its document type declares more than {_MOST_DEFAULTS} attributes of one element"
            )

    return declared


def _unusual_encoding(head: bytes) -> str:
    """Return the declared encoding if Python knows it but expat does not, else ""."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if wide:
        head = head[: len(head) & ~1].decode("utf-16", "ignore").encode()
    declared = _XML_ENCODING.search(head)
    if declared is None:
        return ""
    name = declared[1].decode()
    try:
        decoder = codecs.lookup(_ALIASES.get(name.lower(), name))
    except LookupError:
        raise CannotCheck(f"the encoding {name} is not known here") from None
    # Programs declare one and write the other: then the mark at the start, or its lack, is right.
    if wide:
        return "utf-16"
    if decoder.name in _WIDE and b"\0" not in head:
        return "utf-8"
    # expat knows few names, and asks Python for encodings of one byte.
    one_byte = decoder.name.startswith(("iso8859", "cp125", "koi8", "mac"))
    known = (one_byte and name.lower() not in _ALIASES) or name.lower() in _OF_EXPAT
    return "" if known else decoder.name


def _reason(error: expat.ExpatError) -> str:
    if error.code == _BOMB:
        return "The XML expands to far more than its size, like one made to fill memory"
    what = expat.ErrorString(error.code)
    where = f"line {error.lineno:,}, column {error.offset + 1:,}"
    if error.code in _CUT_OFF:
        return f"The XML is cut off: {what} at its end ({where})"
    return f"Not well-formed XML: {what} in {where}"
