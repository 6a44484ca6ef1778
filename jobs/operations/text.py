"""Text that any database stores and any terminal shows."""

import re

MESSAGE_LIMIT = 2_000
"""Characters of a message; longer ones are cut."""

# NUL and lone surrogates are refused by PostgreSQL; the other control characters could
# drive the terminal of a person who runs `showjob`.
_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def clean_text(text: str, limit: int = MESSAGE_LIMIT) -> str:
    """`text` with unstorable characters as U+FFFD, of at most `limit` characters."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isascii() and text.isprintable():
        return text
    return _UNSTORABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
