"""How large the database is."""

from pathlib import Path

from django.db import connection


def database_bytes() -> int:
    """Bytes of the database with its indexes; SQLite's log is written back first."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("CHECKPOINT")
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(connection.settings_dict["NAME"]).stat().st_size


def free_space() -> None:
    """What an operator does to have the file smaller after pruning."""
    with connection.cursor() as cursor:
        full = " FULL jobs_jobitem" if connection.vendor == "postgresql" else ""
        cursor.execute(f"VACUUM{full}")


def reuse() -> None:
    """Make deleted rows' room usable again, as autovacuum does on PostgreSQL."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM jobs_jobitem")
