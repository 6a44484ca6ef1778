"""Reads that an operation has left open on the engine's connection."""

from jobs.backends import Backend, current, dedicated_connection
from jobs.models import Job
from tests.backends.contract import covers


@covers(Backend.end_reads)
def test_engine_writes_after_an_operation_has_left_a_cursor_open(job):
    left_open = job.items.values_list("key").iterator(chunk_size=2)
    next(left_open)
    other = dedicated_connection()
    try:
        with other.cursor() as cursor:
            cursor.execute("UPDATE jobs_job SET notice = 'written by another process'")
    finally:
        other.close()
    current().end_reads()
    assert Job.objects.filter(pk=job.pk).update(notice="ours") == 1
