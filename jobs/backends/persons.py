"""Whose turn it is: the persons with runnable jobs, and the workers that each has."""

from dataclasses import dataclass
from typing import Any

from jobs.backends.compiled import as_stored_in, fetch_rows
from jobs.models import Job
from jobs.states import RUNNABLE

# Grouping puts the rows of nobody (null) together, where a join would need a condition with OR.
_PERSONS = """
SELECT person, sum(workers) FROM (
    SELECT created_by_id AS person, 0 AS workers, min(created_at) AS waiting_since,
        CAST(NULL AS timestamp with time zone) AS served_at
    FROM jobs_job WHERE status IN ({}) AND deleted_at IS NULL GROUP BY created_by_id
  UNION ALL
    SELECT job.created_by_id, 1, NULL, NULL
    FROM jobs_lease AS lease JOIN jobs_job AS job ON job.id = lease.job_id
    WHERE lease.token IS NOT NULL AND NOT lease.fenced
  UNION ALL
    SELECT person_id, 0, NULL, served_at FROM jobs_turn
) AS found GROUP BY person HAVING min(waiting_since) IS NOT NULL
ORDER BY sum(workers), max(served_at) NULLS FIRST, min(waiting_since)
"""


@dataclass(frozen=True, slots=True)
class Person:
    """A person with runnable jobs. `id` is None for everybody who was not logged in.

    `workers`: how many may start items of the person's jobs.
    """

    id: Any
    workers: int


def persons_by_turn() -> list[Person]:
    """The persons with runnable jobs: those with the fewest workers first.

    Among equals the one who was served longest ago comes first, then the one whose job is the
    oldest. One statement, however many persons there are.
    """
    statement = _PERSONS.format(",".join(["%s"] * len(RUNNABLE)))
    rows = fetch_rows(statement, [status.value for status in sorted(RUNNABLE)])
    person_id = as_stored_in(Job._meta.get_field("created_by"))
    return [Person(person_id(person), int(workers)) for person, workers in rows]
