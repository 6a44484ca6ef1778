"""Checks SQLite databases: the length that their header declares, then every page.

SQLite opens files by their paths only, so the open file is given to it as a file system that holds
nothing else. Nothing is locked or written, and no code or table of the database's schema is run.
"""

import re
import struct
from functools import cache
from time import monotonic
from typing import Any

from jobs.operations.results import ItemFailed
from jobs.operations.verify.content import Content
from jobs.operations.verify.data.one_file import open_database
from jobs.operations.verify.declared import check_end
from jobs.operations.verify.limits import CannotCheck, Checked, Limits, broken

_HEADER_BYTES = 100
_MOST_PROBLEMS = 100
_WAL_MARKS = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
_JOURNAL_MARK = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
_INSTRUCTIONS = 20_000
_RULES = re.compile(r" value in |^non-unique |^CHECK ")
"""What SQLite says of a row that is intact, but not as the rules of its table want it."""
_NO_FUNCTION = re.compile(r"no such function: (\w{1,100})")


def check_sqlite(content: Content, limits: Limits) -> Checked:
    """Read every page of every table and index. Raises ItemFailed for a damaged database.

    Raises CannotCheck for one whose last changes are in another file, if it is not whole alone.
    """
    changes = _unfinished(content)
    try:
        _check_header(content)
        problems = _problems(content, limits.decoding_seconds)
        if any(not _RULES.search(problem) for problem in problems):
            raise broken("The database is damaged: its pages do not fit together")
    except ItemFailed:
        if changes:
            raise CannotCheck(f"its last changes are in its {changes} file") from None
        raise
    if changes:
        return Checked({}, f"its last changes, in its {changes} file, were not looked into")
    return Checked({}, "some of its rows do not keep the rules of their table" if problems else "")


def _unfinished(content: Content) -> str:
    """Return how the file is called that holds changes of this database; "" if there is none."""
    if content.start_of_sibling("-wal", 4) in _WAL_MARKS:
        return "“-wal”"
    return "“-journal”" if content.start_of_sibling("-journal", 8) == _JOURNAL_MARK else ""


def _check_header(content: Content) -> None:
    if content.size < _HEADER_BYTES:
        raise broken("The database is cut off: its header is not complete")
    page, changed, pages, valid_for = struct.unpack_from(">H6xII60xI", content.head, 16)
    page = 65536 if page == 1 else page
    if page < 512 or page & (page - 1):
        raise broken("The database is damaged: its header is not valid")
    if changed == valid_for:  # older programs do not keep the number of pages
        check_end(page * pages, content.size)
    check_end(-(-content.size // page) * page if pages == 0 else page, content.size)


def _problems(content: Content, seconds: float) -> list[str]:
    """Return what SQLite finds. Raises ItemFailed for a file that is none of its databases."""
    library = load_apsw()
    deadline = monotonic() + seconds
    try:
        with open_database(library, content) as connection:
            # A true answer ends the statement.
            connection.set_progress_handler(lambda: monotonic() > deadline, _INSTRUCTIONS)
            return _quick_check(library, connection)
    except library.InterruptError:
        raise CannotCheck("reading all of its pages takes too long") from None
    except (library.CorruptError, library.NotADBError):
        raise broken("The database is damaged: its pages cannot be read") from None
    except library.SQLError:
        raise CannotCheck("its tables are of a kind that is not known here") from None
    except library.NoMemError:
        raise MemoryError from None


def _quick_check(library: Any, connection: Any) -> list[str]:
    """Return the problems. Functions that only the database's program knows return nothing."""
    known: set[str] = set()
    while True:
        try:
            rows = connection.execute(f"PRAGMA quick_check({_MOST_PROBLEMS})")
            return [str(text) for (text,) in rows if text != "ok"]
        except library.SQLError as error:
            missing = _NO_FUNCTION.search(str(error))
            if missing is None or missing[1] in known or len(known) >= _MOST_PROBLEMS:
                raise
            known.add(missing[1])
            connection.create_scalar_function(
                missing[1], lambda *values: None, -1, deterministic=True
            )


@cache
def load_apsw() -> Any:
    """Return the module, or raise CannotCheck if it is not installed."""
    try:
        import apsw
    except ImportError:
        raise CannotCheck("it needs the package “apsw”, which is not installed") from None
    return apsw
