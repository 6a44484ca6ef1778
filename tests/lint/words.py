"""Finds words that the glossary has retired: `python -m tests.lint.words [FILE …]`.

Between the two marks of docs/glossary.md each row is `| regular expression | use instead |`.
Expressions ignore case, except in a group such as `(?-i:Keeper)`, and cannot contain a pipe.
A space in one also matches a line break.
Without arguments all tracked text files of the shipped and documented parts are read.
Prints `file:line: word, use instead` and exits with 1 when something was found.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = "docs/glossary.md"
BEGIN, END = "<!-- retired words -->", "<!-- end -->"
PARTS = (
    "jobs", "batchsite", "static", "templates", "docs", "tests",
    "README.md", "CONTRIBUTING.md", "SECURITY.md", "manage.py", "Makefile", "pyproject.toml",
)  # fmt: skip
# They say what older versions called things, or hold the words as samples.
EXCLUDED = re.compile(
    r"docs/(glossary|upgrading)\.md|.*/migrations/.*|tests/lint/.*|.*\.(png|ico|json)"
)

NOT_LITERAL = re.compile(
    r"\(\?<?!.*?\)"  # must not be there
    r"|\([^()]*\)[?*{]|\[[^]]*\]|[^)][?*{]"  # need not be there, or may be another letter
    r"|\(\?[-:<=a-z]*|\\."  # syntax
)


@dataclass(frozen=True, slots=True)
class Word:
    """One row of the table."""

    pattern: re.Pattern[str]
    literal: str
    """In lower case, a part of every match: most files do not have it, and that is quick to see."""
    instead: str


def retired_words(glossary: str) -> list[Word]:
    """The rows between the marks. Raises ValueError if a mark is missing or a row is broken."""
    _, begin, rest = glossary.partition(BEGIN)
    table, end, _ = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{GLOSSARY} has no table between {BEGIN} and {END}")
    words = []
    for line in filter(None, map(str.strip, table.splitlines())):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 2:
            raise ValueError(f"{GLOSSARY}: not a row of two cells: {line}")
        expression, instead = cells
        if expression.startswith("`"):  # the heading and the line below it do not
            expression = expression.strip("`")
            words.append(Word(_compiled(expression), _literal(expression), instead))
    return words


def _compiled(expression: str) -> re.Pattern[str]:
    try:
        return re.compile(expression.replace(" ", r"\s+"), re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"{GLOSSARY}: {expression}: {error}") from None


def _literal(expression: str) -> str:
    """The longest run of letters that each match contains; "" if that cannot be seen."""
    return max(re.findall("[a-z]+", NOT_LITERAL.sub(" ", expression).lower()), key=len, default="")


def find_words(text: str, words: list[Word]) -> Iterator[tuple[int, str, str]]:
    """Line number, word as written, and what to use instead, of every match."""
    lower = text.lower()
    for word in words:
        if word.literal not in lower:
            continue
        for match in word.pattern.finditer(text):
            yield text.count("\n", 0, match.start()) + 1, " ".join(match[0].split()), word.instead


def check(paths: Iterable[str], words: list[Word]) -> list[str]:
    """The complaints about these files, paths relative to the root; binary files have none."""
    found = []
    for path in paths:
        try:
            text = (ROOT / path).read_text()
        except (UnicodeDecodeError, OSError):
            continue
        found += [
            f"{path}:{line}: {word}, use {instead}"
            for line, word, instead in sorted(find_words(text, words))
        ]
    return found


def tracked(paths: Iterable[str]) -> list[str]:
    """Those of the checked parts that Git knows."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *paths],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for path in listed.stdout.split("\0") if path]


def is_checked(path: str) -> bool:
    """Return True if the words of this file matter."""
    return path.startswith(PARTS) and not EXCLUDED.fullmatch(path)


def main(arguments: list[str]) -> int:
    try:
        words = retired_words((ROOT / GLOSSARY).read_text())
    except ValueError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    complaints = check(filter(is_checked, arguments or tracked(PARTS)), words)
    print("\n".join(complaints), end="\n" if complaints else "")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
