"""JSON and XML: parsed from start to end, without keeping what is in them."""

import codecs
import gc
import json
import re
from collections.abc import Iterator
from xml.parsers import expat

from jobs.operations.verify.content import Content
from jobs.operations.verify.kinds import parses_by_name
from jobs.operations.verify.limits import CannotCheck, Checked, broken

JSON_BYTES = 32 * 1024 * 1024
"""JSON is parsed in memory, where it can take thirty times its size."""
READ_BYTES = 256 * 1024

# Whatever is read becomes True: nothing is kept, and a number of a million digits is no work.
_JSON = json.JSONDecoder(object_pairs_hook=bool, parse_int=bool, parse_float=bool)
_XML_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_CUT_OFF = frozenset({
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
})  # fmt: skip
_BOMB = 43  # XML_ERROR_AMPLIFICATION_LIMIT_BREACH, which Python has no name for


def check_json(content: Content) -> Checked:
    """Raises ItemFailed with line and column of what is not JSON."""
    if content.size > JSON_BYTES:
        raise CannotCheck(f"JSON of more than {JSON_BYTES // 1024**2} MB is not parsed")
    with content.open() as stream:
        _parse_json(stream.read(), "")
    return Checked({})


def check_json_lines(content: Content) -> Checked:
    """Parse each line by itself; empty lines are allowed."""
    lines = 0
    with content.open() as stream:
        while line := stream.readline(JSON_BYTES):
            lines += 1
            if line.strip():
                _parse_json(line, f" in line {lines:,}")
    return Checked({"lines": lines})


def check_xml(content: Content, name: str) -> Checked:
    """Parse without fetching anything. Raises ItemFailed for what is not well formed.

    What only looks like XML but has another kind of name (a template, a web page) is text.
    """
    encoding = _unusual_encoding(content.head)
    with content.open() as stream:
        pieces: Iterator[bytes] = iter(lambda: stream.read(READ_BYTES), b"")
        try:
            root = _parse_xml(_as_utf8(pieces, encoding) if encoding else pieces, encoding)
        except expat.ExpatError as error:
            if not parses_by_name(name) and error.code != _BOMB:
                return Checked({"kind": "text"})
            raise broken(_reason(error)) from None
        except UnicodeDecodeError as error:
            raise broken(f"The XML is damaged: it holds bytes that are no {encoding}") from error
    return Checked({"kind": "svg" if root.rpartition(":")[2] == "svg" else "xml"})


def _parse_json(text: bytes, where: str) -> None:
    # Millions of young lists make the collector run all the time, and nothing here is a cycle.
    gc.disable()
    try:
        _JSON.decode(text.decode(json.detect_encoding(text)).lstrip("\ufeff"))
    except json.JSONDecodeError as error:
        where = where or f" in line {error.lineno:,}, column {error.colno:,}"
        what = error.msg.removesuffix(" at").removesuffix(" starting")
        raise broken(f"Not valid JSON: {what}{where}") from None
    except UnicodeDecodeError as error:
        where = where or f" (byte {error.start:,})"
        raise broken(f"Not valid JSON: it holds bytes that are no text{where}") from None
    except RecursionError:
        raise broken("The JSON is nested too deeply to be read") from None
    finally:
        gc.enable()


def _parse_xml(pieces: Iterator[bytes], encoding: str) -> str:
    """The name of the root element."""
    parser = expat.ParserCreate("utf-8" if encoding else None)
    found: list[str] = []

    def note_root(name: str, attributes: object) -> None:
        found.append(name)
        parser.StartElementHandler = None

    parser.StartElementHandler = note_root
    for piece in pieces:
        parser.Parse(piece, False)
    parser.Parse(b"", True)
    return found[0]


def _unusual_encoding(head: bytes) -> str:
    """The declared encoding, if it is one that expat does not know and Python does."""
    declared = _XML_ENCODING.search(head)
    if declared is None:
        return ""
    name = declared[1].decode()
    try:
        decoder = codecs.lookup(name)
    except LookupError:
        raise CannotCheck(f"the encoding {name} is not known here") from None
    one_byte = decoder.name.startswith(("iso8859", "cp125", "koi8", "mac"))
    known = one_byte or decoder.name in ("utf-8", "utf-8-sig", "ascii")
    return "" if known or decoder.name.startswith("utf-16") else decoder.name


def _as_utf8(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    for piece in pieces:
        yield decoder.decode(piece).encode()
    yield decoder.decode(b"", final=True).encode()


def _reason(error: expat.ExpatError) -> str:
    if error.code == _BOMB:
        return "The XML unfolds to far more than its size, like one made to fill memories"
    what = expat.ErrorString(error.code)
    where = f"line {error.lineno:,}, column {error.offset + 1:,}"
    if error.code in _CUT_OFF:
        return f"The XML is cut off: {what} at its end ({where})"
    return f"Not well-formed XML: {what} in {where}"
