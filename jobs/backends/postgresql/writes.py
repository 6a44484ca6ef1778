"""Whether PostgreSQL takes changes: its disk may be full, its tables may be locked."""

from django.db import Error, connection, transaction

from jobs.backends import trouble as sentences
from jobs.models import Cluster, Job, JobEvent, JobItem, Lease

_CAUSES = {
    "53100": sentences.DISK_FULL,
    "55P03": sentences.LOCKED,
    "25006": sentences.READ_ONLY,
    "58030": sentences.DISK_FAILED,
}
"""By SQLSTATE."""

_TABLES = ", ".join(model._meta.db_table for model in (Job, JobItem, Lease, JobEvent, Cluster))
_NO_PRIVILEGE = "42501"

# What is new takes new blocks of the disk, where a changed row may find room in an old one. A
# temporary table has files of its own, in the folder of the database, and nothing of it is left.
_WRITE = """
CREATE TEMPORARY TABLE jobs_write_probe ON COMMIT DROP AS
SELECT number::bigint FROM generate_series(1, 3000) AS number
"""


def cause_of(error: BaseException) -> str:
    """The sentence for this error, or empty."""
    driver = error.__cause__ if isinstance(error, Error) else error
    return _CAUSES.get(getattr(driver, "sqlstate", None) or "", "")


def trouble(seconds: float) -> str:
    """As `Backend.write_trouble`."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {int(1000 * seconds)}")
            cursor.execute("SET LOCAL temp_tablespaces = ''")
            cursor.execute(f"LOCK TABLE {_TABLES} IN ROW EXCLUSIVE MODE")
            cursor.execute(_WRITE)
    except Error as error:
        if cause := cause_of(error):
            return cause
        if getattr(error.__cause__, "sqlstate", None) == _NO_PRIVILEGE:
            return ""  # this account may create no temporary table, so this cannot be tried
        raise
    return ""
