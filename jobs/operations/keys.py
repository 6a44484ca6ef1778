r"""Converts file names to keys and back, without loss.

A file name on Linux is bytes; a key in the database is text. Bytes that are not valid UTF-8 are
written as `\xHH`. To keep this reversible, a backslash that is already followed by `xHH` is
written as `\x5c`. Every other name is its own key.
"""

import re

_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")
_UNDECODABLE = re.compile("[\udc80-\udcff]")


def key_from_bytes(raw: bytes) -> str:
    """Return the key of a library path: valid Unicode, and a different key for each path."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode(errors="surrogateescape")
    else:
        if "\\x" not in text:
            return text
    text = _ESCAPE.sub(r"\\x5cx\1", text)
    return _UNDECODABLE.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", text)


def bytes_from_key(key: str) -> bytes:
    """Return the path of a key that `key_from_bytes` made.

    Raises ValueError for any other text, so that each file has exactly one key.
    """
    if "\\x" not in key:
        return key.encode()
    raw = b"".join(
        bytes.fromhex(part) if index % 2 else part.encode()
        for index, part in enumerate(_ESCAPE.split(key))
    )
    if key_from_bytes(raw) != key:
        raise ValueError("This is not the key of a file.")
    return raw
