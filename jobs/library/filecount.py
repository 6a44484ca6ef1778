"""The number of library files, kept by triggers: a database has to count its rows otherwise.

Only what adds and removes files touches it, which is a scan; never a worker that ends an item.
"""

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

_TRIGGERS = {
    "sqlite": {
        "add": "AFTER INSERT ON jobs_libraryfile "
        "BEGIN UPDATE jobs_filecount SET files = files + 1; END",
        "remove": "AFTER DELETE ON jobs_libraryfile "
        "BEGIN UPDATE jobs_filecount SET files = files - 1; END",
    },
    "postgresql": {
        "add": "AFTER INSERT ON jobs_libraryfile REFERENCING NEW TABLE AS added "
        "FOR EACH STATEMENT EXECUTE FUNCTION jobs_filecount_follow()",
        "remove": "AFTER DELETE ON jobs_libraryfile REFERENCING OLD TABLE AS removed "
        "FOR EACH STATEMENT EXECUTE FUNCTION jobs_filecount_follow()",
        "empty": "AFTER TRUNCATE ON jobs_libraryfile "
        "FOR EACH STATEMENT EXECUTE FUNCTION jobs_filecount_follow()",
    },
}
_TABLE = (
    "CREATE TABLE jobs_filecount (files bigint NOT NULL)",
    "INSERT INTO jobs_filecount SELECT count(*) FROM jobs_libraryfile",
)
_PREPARE: dict[str, tuple[str, ...]] = {
    "sqlite": _TABLE,
    "postgresql": (
        # Nobody adds a file between the count and the triggers.
        "LOCK TABLE jobs_libraryfile IN SHARE ROW EXCLUSIVE MODE",
        *_TABLE,
        """
        CREATE FUNCTION jobs_filecount_follow() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            CASE TG_OP
                WHEN 'INSERT' THEN
                    UPDATE jobs_filecount SET files = files + (SELECT count(*) FROM added);
                WHEN 'DELETE' THEN
                    UPDATE jobs_filecount SET files = files - (SELECT count(*) FROM removed);
                ELSE
                    UPDATE jobs_filecount SET files = 0;
            END CASE;
            RETURN NULL;
        END $$""",
    ),
}
_COUNT_TRIGGERS = {
    "sqlite": "SELECT count(*) FROM sqlite_master "
    "WHERE type = 'trigger' AND name LIKE 'jobs_filecount_%'",
    "postgresql": "SELECT count(*) FROM pg_trigger "
    "WHERE tgrelid = 'jobs_libraryfile'::regclass AND tgname LIKE 'jobs_filecount_%'",
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Count, and keep the number from now on. In a transaction; safe to repeat."""
    uninstall(connection)
    with connection.cursor() as cursor:
        for statement in _PREPARE[connection.vendor]:
            cursor.execute(statement)
        for name, rest in _TRIGGERS[connection.vendor].items():
            cursor.execute(f"CREATE TRIGGER jobs_filecount_{name} {rest}")


def uninstall(connection: BaseDatabaseWrapper) -> None:
    """Remove the number and its triggers, if they are there."""
    with connection.cursor() as cursor:
        for name in _TRIGGERS[connection.vendor]:
            table = " ON jobs_libraryfile" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS jobs_filecount_{name}{table}")
        cursor.execute("DROP TABLE IF EXISTS jobs_filecount")
        if connection.vendor == "postgresql":
            cursor.execute("DROP FUNCTION IF EXISTS jobs_filecount_follow")


def is_installed(connection: BaseDatabaseWrapper) -> bool:
    """Whether the number is kept. On SQLite a later migration may drop triggers silently."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_TRIGGERS[connection.vendor])
        return bool(cursor.fetchone()[0] == len(_TRIGGERS[connection.vendor]))


def mend(connection: BaseDatabaseWrapper) -> None:
    """Count anew if the number is not kept any more."""
    if not is_installed(connection):
        with transaction.atomic(using=connection.alias):
            install(connection)


def total(connection: BaseDatabaseWrapper) -> int | None:
    """The number of library files; None if it is not kept and has to be counted."""
    if not is_installed(connection):
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT files FROM jobs_filecount")
        return int(cursor.fetchone()[0])
