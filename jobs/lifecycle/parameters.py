"""Fits the parameters of a job to its operation's form, which may have changed since the start."""

import json
from typing import Any

from django.db import transaction

from jobs import operations
from jobs.exceptions import BadParameters
from jobs.lifecycle import transitions
from jobs.models import EventEntry, Job, JobEvent
from jobs.states import Transition

ADAPTED = "parameters_adapted"
"""Kind of the event."""


def adapt_parameters(job: Job) -> bool:
    """Fit `job.parameters` in memory; False if they are not valid any more and the job is paused.

    What the form has now and the job has not takes the form's initial value, the same for all
    items of the job; what the form no longer has is dropped. `parameters` of the row keeps what
    the person has chosen: while a release is being deployed, older workers may need it. One event
    for each such change.
    """
    operation = operations.get(job.operation)
    if _is_present_form(job, operation):
        return True
    digest = operation.parameters_digest()
    kept = job.added_parameters or {"digest": None, "values": {}}
    if kept["digest"] == digest:
        job.parameters = _known(operation, {**kept["values"], **job.parameters})
        return True
    try:
        adapted = operation.adapt_parameters({**kept["values"], **job.parameters})
    except BadParameters as error:
        _hold(job, error)
        return False
    added = {name: adapted.values[name] for name in adapted.added}
    dropped = [name for name in adapted.dropped if name in job.parameters]
    if added:
        with transaction.atomic():
            # Several workers take up the job at the same time.
            row = Job.objects.select_for_update().filter(pk=job.pk)
            first = row.values_list("added_parameters", flat=True).first()
            if first == job.added_parameters:
                record = {"digest": digest, "values": {**kept["values"], **added}}
                row.update(added_parameters=record)
                JobEvent.objects.record(
                    job.pk, ADAPTED, EventEntry("engine", message=_message(job, added, dropped))
                )
        if first != job.added_parameters:
            job.added_parameters = first
            return adapt_parameters(job)
    elif dropped:
        _record_once(job, _message(job, {}, dropped))
    job.parameters = adapted.values
    return True


def _known(operation: operations.Operation, values: dict[str, Any]) -> dict[str, Any]:
    """Those of the values that the present form has."""
    return {
        each["name"]: values[each["name"]]
        for each in operation.parameters_schema()
        if each["name"] in values
    }


def _message(job: Job, added: dict[str, Any], dropped: list[str]) -> str:
    parts = [f"The operation “{job.label}” was changed."]
    if added:
        given = ", ".join(f"{name} = {json.dumps(value):.80}" for name, value in added.items())
        parts.append(f"New parameters with their initial values: {given}.")
    if dropped:
        parts.append(f"Parameters that it no longer has: {', '.join(dropped)}.")
    return " ".join(parts)


def _is_present_form(job: Job, operation: operations.Operation) -> bool:
    """Return True if the operation's form is the one that has accepted the parameters."""
    if job.parameters_digest:
        return job.parameters_digest == operation.parameters_digest()
    # The job had no form, or is older than this column.
    return {each["name"] for each in operation.parameters_schema()} == set(job.parameters)


def _hold(job: Job, error: BadParameters) -> None:
    wrong = " ".join(f"{name}: {' '.join(found)}" for name, found in error.fields.items())
    notice = (
        f"The operation “{job.label}” was changed, and the parameters of this job are no longer "
        f"valid. {wrong} Start a new job, or change the operation and resume this one."
    )
    entry = EventEntry("engine", message=notice)
    transitions.transition(job.pk, Transition.PAUSE, entry, notice=notice)


def _record_once(job: Job, message: str) -> None:
    recorded = JobEvent.objects.filter(job=job, kind=ADAPTED, message=message)
    if recorded.exists():
        return
    with transaction.atomic():
        # Several workers take up the job at the same time.
        Job.objects.select_for_update().filter(pk=job.pk).first()
        if not recorded.exists():
            JobEvent.objects.record(job.pk, ADAPTED, EventEntry("engine", message=message))
