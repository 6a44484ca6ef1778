r"""File names as text and back, without loss.

A file name on Linux is bytes, a key in the database is text. Bytes which are no UTF-8 are
written `\xHH`, and so that this can be undone, a backslash that already stands before
`xHH` is written `\x5c`. Every other name is its own key.
"""

import re

_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")
_UNDECODABLE = re.compile("[\udc80-\udcff]")


def key_from_bytes(raw: bytes) -> str:
    """The key of a library path: valid Unicode for any bytes, and a different one for each."""
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
    """The path that `key_from_bytes` made this key of.

    Raises ValueError for text that is no key, so that one file has only one key.
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
