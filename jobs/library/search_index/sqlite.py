"""SQLite: a table of its full-text search."""

from django.db import OperationalError

from jobs.library.search_index.base import SearchIndex, trigrams

RARE = 60_000
"""Candidates whose comparison takes as long as a pass through a million paths."""

MAPPED_BYTES = 2_000_000_000

# Without columns and positions: the trigrams alone take a third of the space, and each path that
# was found is compared anyway.
_TABLE = """
CREATE VIRTUAL TABLE jobs_filesearch USING fts5(path, content = 'jobs_libraryfile',
    content_rowid = 'id', tokenize = 'trigram', detail = none, columnsize = 0)
"""
_ADD = "INSERT INTO jobs_filesearch (rowid, path) VALUES (new.id, new.path);"
_REMOVE = (
    "INSERT INTO jobs_filesearch (jobs_filesearch, rowid, path) "
    "VALUES ('delete', old.id, old.path);"
)


class SQLiteSearchIndex(SearchIndex):
    create = (
        _TABLE,
        "INSERT INTO jobs_filesearch (jobs_filesearch) VALUES ('rebuild')",
    )
    triggers = {
        "add": f"AFTER INSERT ON jobs_libraryfile BEGIN {_ADD} END",
        "remove": f"AFTER DELETE ON jobs_libraryfile BEGIN {_REMOVE} END",
        "rename": "AFTER UPDATE OF path ON jobs_libraryfile WHEN old.path <> new.path "
        f"BEGIN {_REMOVE} {_ADD} END",
    }
    drop = (
        *(f"DROP TRIGGER IF EXISTS jobs_filesearch_{name}" for name in triggers),
        "DROP TABLE IF EXISTS jobs_filesearch",
    )
    count_triggers = (
        "SELECT count(*) FROM sqlite_master "
        "WHERE type = 'trigger' AND name LIKE 'jobs_filesearch_%'"
    )
    match = "SELECT rowid FROM jobs_filesearch WHERE jobs_filesearch MATCH %s"
    like = "LIKE"

    def install(self) -> None:
        try:
            super().install()
        except OperationalError as error:
            # No such module (fts5) or tokenizer (trigram) in this SQLite.
            if not str(error).startswith("no such"):
                raise

    def is_rare(self, text: str) -> bool:
        some = f"SELECT count(*) FROM ({self.match} LIMIT {RARE})"  # noqa: S608 (constants)
        return self._number(some, self.terms(text)) < RARE

    def terms(self, text: str) -> str:
        terms = (term.replace('"', '""') for term in trigrams(text))
        return " AND ".join(f'"{term}"' for term in terms)

    def prepare_reads(self) -> None:
        # Pages that the system has cached are read without a copy. SQLite's own cache is far
        # smaller than the index of a large library; a pass takes a third of the time with this.
        self._execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
