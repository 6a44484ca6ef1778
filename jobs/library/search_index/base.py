"""What each database does in its own way to find a text in a path."""

import abc
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import RawSQL

SHORTEST = 3
"""Characters. A shorter text has no trigram."""

_SPECIAL = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


class SearchIndex(abc.ABC):
    """The index of one database.

    create, drop    statements that build and remove everything except the triggers; `drop`
                    removes the triggers too, and may be repeated
    triggers        what follows `CREATE TRIGGER jobs_filesearch_<name>`, by name
    count_triggers  a query for the number of these triggers that exist
    match           a query for the ids of all files that may contain a text, given its `terms`
    like            the operator that compares a path with `like_pattern`, ASCII letters in
                    either case and all other characters as they are
    """

    create: tuple[str, ...]
    drop: tuple[str, ...]
    triggers: dict[str, str]
    count_triggers: str
    match: str
    like: str

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    def install(self) -> None:
        """Build and fill the index, in the caller's transaction. A repetition rebuilds it."""
        self.uninstall()
        triggers = (
            f"CREATE TRIGGER jobs_filesearch_{name} {how}" for name, how in self.triggers.items()
        )
        self._execute(*self.create, *triggers)

    def uninstall(self) -> None:
        """Remove the index if it exists."""
        self._execute(*self.drop)

    def is_installed(self) -> bool:
        """Return True if searches may use the index."""
        return bool(self._number(self.count_triggers) == len(self.triggers))

    def repair(self) -> None:
        """Rebuild the index if its triggers are missing, in a transaction. Safe to repeat.

        A later migration may replace the table of files on SQLite, which silently drops them.
        """
        if not self.is_installed():
            with transaction.atomic(using=self.connection.alias):
                self.install()

    def candidates(self, texts: Sequence[str]) -> RawSQL | None:
        """A query for the ids of all files that may contain one of the texts.

        None if the index does not help: it is missing, a text is too short, or there are so many
        candidates that a pass through all paths is faster.
        """
        if min(map(len, texts)) < SHORTEST or not self.is_installed():
            return None
        if not all(self.is_rare(text) for text in texts):
            return None
        match = " UNION ".join([self.match] * len(texts))
        return RawSQL(match, [self.terms(text) for text in texts])  # noqa: S611 (a constant)

    @abc.abstractmethod
    def is_rare(self, text: str) -> bool:
        """Return True if comparing the candidates is faster than a pass through all paths."""

    @abc.abstractmethod
    def terms(self, text: str) -> str | list[str]:
        """The parameter of `match` for a text of at least SHORTEST characters."""

    def prepare_reads(self) -> None:  # noqa: B027 (most databases need nothing)
        """Set up the connection for reads of large parts of the list of files."""

    def _execute(self, *statements: str) -> None:
        with self.connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def _number(self, query: str, *parameters: Any) -> float:
        with self.connection.cursor() as cursor:
            cursor.execute(query, parameters or None)
            return float(cursor.fetchone()[0])


def trigrams(text: str) -> list[str]:
    """As the databases make them: ASCII letters in lower case, all other characters unchanged.

    SQLite folds further letters, but also in the text that it looks up.
    """
    text = "".join(char.lower() if char.isascii() else char for char in text)
    return sorted({text[at : at + 3] for at in range(len(text) - 2)})


def like_pattern(text: str) -> str:
    r"""The pattern of all paths that contain the text, with `\` as the escape character."""
    return f"%{text.translate(_SPECIAL)}%"
