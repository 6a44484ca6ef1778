"""The actions of the job list: a page says what will happen, and messages report the result."""

import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from jobs import services
from jobs.admin.actions import ACTIONS, Action
from jobs.admin.drift import drift_option
from jobs.exceptions import JobsError
from jobs.models import Job
from jobs.progress import status_objects
from jobs.services import Actor
from jobs.text import visible

logger = logging.getLogger(__name__)

LISTED = 50
"""Jobs that a confirmation page lists."""

PROBLEMS = 10
"""Problems that are reported one by one."""


class ConfirmedActionsMixin(admin.ModelAdmin):
    """Offers `ACTIONS` in the list of jobs, each with a confirmation page.

    Each action needs its own permission and leaves a log entry for each job.
    """

    def permitted_actions(self, request: HttpRequest) -> list[Action]:
        return [action for action in ACTIONS if request.user.has_perm(action.permission)]

    def get_actions(self, request: HttpRequest, action_location: Any = None) -> dict[str, Any]:
        # Django 6.1 also asks for the page of a job, which has a button for each action.
        if action_location is not None and action_location.value != "CHANGE_LIST":
            return {}
        run = type(self).confirm_or_perform
        return {
            action.name: (partial(run, action=action), action.name, f"{action.label} …")
            for action in self.permitted_actions(request)
        }

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # Django ignores an action that it does not offer, and fails on a malformed id.
        if set(request.POST.getlist("action")) - {"", *self.get_actions(request)}:
            raise PermissionDenied
        try:
            return super().changelist_view(request, extra_context)
        except ValidationError:
            raise Http404("A job's id is malformed.") from None

    def confirm_or_perform(
        self, request: HttpRequest, queryset: QuerySet[Job], *, action: Action
    ) -> HttpResponse | None:
        """Show the confirmation page, or perform the action if that page was submitted.

        The page submits the ids that it was shown for: the list may have changed since.
        """
        if "confirmed" not in request.POST:
            return self._confirm(request, action, queryset)
        key = Job._meta.pk.to_python
        ids = [key(given) for given in request.POST.get("job_ids", "").split(",") if given]
        skip_changed = "skip_changed" in request.POST
        retry_failed = "retry_failed" in request.POST

        def log(job: Job) -> None:
            if action.name == "delete":
                self.log_deletions(request, [job])  # type: ignore[arg-type]  # any rows
            else:
                suffix = ", skipping changed files" if skip_changed else ""
                self.log_change(request, job, f"{action.done.capitalize()}{suffix}.")

        actor = Actor(request.user, "admin")
        options = {"skip_changed": True} if skip_changed and action.item_statuses else {}
        summary, problems = _perform(action, ids, actor, log, options, retry_failed=retry_failed)
        level = messages.WARNING if problems else messages.SUCCESS
        for sentence in (summary, *problems[:PROBLEMS]):
            self.message_user(request, sentence, level)
        return None  # Django redirects to the list as it was filtered

    def _confirm(
        self, request: HttpRequest, action: Action, queryset: QuerySet[Job]
    ) -> HttpResponse:
        ids = [str(pk) for pk in queryset.values_list("pk", flat=True)]
        listed = list(queryset[:LISTED])
        more = len(ids) - len(listed)
        rows: list[dict[str, Any]] = [
            {
                "job": job,
                "blocker": action.blocker(job, status),
                "effect": action.effect(job, status),
            }
            for job, status in zip(listed, status_objects(listed), strict=True)
        ]
        possible = [row["job"] for row in rows if not row["blocker"]]
        notes: dict[UUID, str] = {}
        option = ""
        if action.item_statuses:
            notes, option = drift_option(action, possible, complete=not more)
        for row in rows:
            row["note"] = notes.get(row["job"].pk, "")
        what = visible(listed[0].label) if len(ids) == 1 else f"{len(ids)} jobs"
        context = {
            **self.admin_site.each_context(request),
            "title": f"{action.label}: {what}",
            "opts": self.opts,
            "media": self.media,
            "action": action,
            "rows": rows,
            "more": more,
            "possible": more or possible,
            "option": option,
            "repeated_errors": action.name == "resume"
            and [job.repeated_error for job in possible if job.repeated_error],
            "job_ids": ",".join(ids),
        }
        return TemplateResponse(request, "admin/jobs/job/confirm.html", context)


def _perform(
    action: Action,
    job_ids: Iterable[UUID],
    actor: Actor,
    log: Callable[[Job], object],
    options: dict[str, Any],
    *,
    retry_failed: bool = False,
) -> tuple[str, list[str]]:
    """Perform the action on each job and log it. A refusal or an error does not stop the rest.

    Return a summary, as in “3 cancelled, 1 not cancelled.”, and the problems: a sentence with
    the job's name each. `options` are those of the service; `retry_failed`: a resume processes the
    items again whose error has paused their job.
    """
    problems = []
    counts = {action.done: 0, f"not {action.done}": 0}
    with services.one_wait():
        for job_id in job_ids:
            job = Job.objects.filter(pk=job_id).first() or Job(pk=job_id, label="Deleted job")
            done = False
            try:
                again = retry_failed and action.name == "resume" and bool(job.repeated_error)
                more = {"retry_failed": "same_error"} if again else {}
                action.service(job_id, actor=actor, **options, **more)
                done = True
                log(job)
            except JobsError as error:
                problems.append(f"{job}: {error.message}")
            except DatabaseError:
                logger.exception(
                    "job %s or its log entry failed", action.name, extra={"job": job_id}
                )
                what = "The log entry was not written" if done else f"Not {action.done}"
                problems.append(f"{job}: {what}. The database failed.")
            counts[action.done if done else f"not {action.done}"] += 1
    summary = ", ".join(f"{number:,} {result}" for result, number in counts.items() if number)
    return f"{summary}.", problems
