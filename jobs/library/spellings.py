"""The ways in which Unicode writes the same name: é as one character, or as e and an accent.

A Mac's old file systems decompose names, and most keyboards type them composed. Both are names of
their own on Linux, so nothing is ever rewritten: what a person types is looked up in each way.
"""

from itertools import product
from unicodedata import normalize

MAX_SPELLINGS = 16


def spellings(text: str) -> list[str]:
    """The text as it is, then composed, decomposed, and with some parts of a path in either way.

    Without repetitions; at most MAX_SPELLINGS. Only the text itself if it is written in one way.
    """
    if text.isascii():
        return [text]
    parts = [
        dict.fromkeys((normalize("NFC", part), normalize("NFD", part))) for part in text.split("/")
    ]
    found = [text, normalize("NFC", text), normalize("NFD", text)]
    number = 1
    for part in parts:
        number *= len(part)
    if number <= MAX_SPELLINGS - 1:
        found += ["/".join(chosen) for chosen in product(*parts)]
    return list(dict.fromkeys(found))
