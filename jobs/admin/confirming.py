"""Asks before an action, does it, and tells what it did."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from jobs.admin.actions import ACTIONS, Action
from jobs.admin.asking import describe
from jobs.admin.performing import Report, perform
from jobs.models import Job
from jobs.services import Actor

TOLD = 10
"""Refusals that are told one by one afterwards."""


class ConfirmedActions(admin.ModelAdmin):
    """The actions of `ACTIONS` in the list, on the page of a job, and under an address each.

    Each needs its own permission; without it the action is not offered and a forged request
    is refused. Everything done leaves a log entry with the person.
    """

    def get_urls(self) -> list[Any]:
        act = self.admin_site.admin_view(self.act_view)
        return [path("act/<slug:name>/", act, name="jobs_job_act"), *super().get_urls()]

    def permitted(self, request: HttpRequest) -> list[Action]:
        """The actions that this person may do."""
        if not self.has_view_permission(request):
            return []
        return [action for action in ACTIONS.values() if request.user.has_perm(action.perm)]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        if IS_POPUP_VAR in request.GET:
            return {}
        found = {}
        for action in self.permitted(request):
            name = f"{action.name}_jobs"
            found[name] = (_list_action(action), name, f"{action.label} …")
        return found

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "POST":
            asked = set(filter(None, request.POST.getlist("action")))
            if asked - set(self.get_actions(request)):
                raise PermissionDenied
            _parse(request.POST.getlist("_selected_action"))  # Django would fail with them
        return super().changelist_view(request, extra_context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's own would read a million items to count them."""
        if request.method == "POST":
            return self._act(request, ACTIONS["delete"], [object_id])
        return self._confirm(request, ACTIONS["delete"], [object_id])

    def act_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """GET `?job=<id>…` asks; POST `jobs=<id>,…` does it; `leave_out`: see `perform`."""
        action = ACTIONS.get(name)
        if action is None:
            raise Http404
        if request.method == "POST":
            return self._act(request, action, request.POST.get("jobs", "").split(","))
        return self._confirm(request, action, request.GET.getlist("job"))

    def ask_or_act(
        self, request: HttpRequest, action: Action, queryset: QuerySet[Job]
    ) -> HttpResponse:
        """For the action of a list: the page that asks, or with `post` what it was to do."""
        ids = [str(pk) for pk in queryset.values_list("pk", flat=True)]
        ask = self._act if request.POST.get("post") else self._confirm
        return ask(request, action, ids)

    def _confirm(self, request: HttpRequest, action: Action, given: Sequence[str]) -> HttpResponse:
        self._check(request, action)
        jobs = self._jobs(request, _parse(given))
        if not jobs:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": action.question if len(jobs) > 1 else f"{action.label}: {jobs[0].label}?",
            "opts": self.opts,
            "media": self.media,
            "action": action,
            **describe(action, jobs),
            "ids": ",".join(str(job.pk) for job in jobs),
            "act_url": reverse("admin:jobs_job_act", args=[action.name]),
            "back": self._back(request, jobs),
        }
        return TemplateResponse(request, "admin/jobs/job/confirm.html", context)

    def _act(self, request: HttpRequest, action: Action, given: Sequence[str]) -> HttpResponse:
        self._check(request, action)
        ids = _parse(given)
        jobs = self._jobs(request, ids)
        leave_out = bool(request.POST.get("leave_out"))

        def log(job: Job) -> None:
            self._log(request, action, job, leave_out=leave_out)

        report = perform(action, jobs, Actor(request.user, "admin"), log, leave_out=leave_out)
        there = {job.pk for job in jobs}
        report.refused += [(str(one), "no longer existed") for one in ids if one not in there]
        self._tell(request, report)
        return HttpResponseRedirect(self._way_back(request, action, jobs))

    def _check(self, request: HttpRequest, action: Action) -> None:
        if action not in self.permitted(request):
            raise PermissionDenied

    def _jobs(self, request: HttpRequest, ids: Sequence[UUID]) -> list[Job]:
        """Those that still exist, in the given order."""
        found = self.get_queryset(request).in_bulk(ids)
        return [found[one] for one in ids if one in found]

    def _back(self, request: HttpRequest, jobs: Sequence[Job]) -> str:
        """Where the person came from: the list as it was filtered, or the page of the job."""
        if request.path == reverse("admin:jobs_job_changelist") or len(jobs) != 1:
            query = request.META.get("QUERY_STRING", "") if "act/" not in request.path else ""
            return reverse("admin:jobs_job_changelist") + (f"?{query}" if query else "")
        return reverse("admin:jobs_job_change", args=[jobs[0].pk])

    def _way_back(self, request: HttpRequest, action: Action, jobs: Sequence[Job]) -> str:
        """What the form says, unless that is another site or the page of a deleted job."""
        the_list = reverse("admin:jobs_job_changelist")
        back = request.POST.get("back") or self._back(request, jobs)
        if not url_has_allowed_host_and_scheme(
            back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            return the_list
        if action.name == "delete" and urlsplit(back).path != the_list:
            return the_list
        return back

    def _log(self, request: HttpRequest, action: Action, job: Job, *, leave_out: bool) -> None:
        if action.name == "delete":
            self.log_deletions(request, [job])  # type: ignore[arg-type]  # any rows
            return
        without = ", without files that had changed or vanished" if leave_out else ""
        self.log_change(request, job, f"{action.done.capitalize()}{without}.")

    def _tell(self, request: HttpRequest, report: Report) -> None:
        if not report.done and not report.refused:
            self.message_user(request, "No job was chosen: nothing was done.", messages.WARNING)
            return
        level = messages.WARNING if report.refused else messages.SUCCESS
        self.message_user(request, report.sentence, level)
        for name in report.unlogged[:TOLD]:
            sentence = f"{name} was {report.action.done}, but that could not be logged."
            self.message_user(request, sentence, messages.WARNING)
        if not report.done and len(report.refused) == 1:
            return  # said already
        for name, reason in report.refused[:TOLD]:
            self.message_user(request, f"{name} {reason}.", messages.WARNING)


def _parse(given: Sequence[str]) -> list[UUID]:
    """Each id once, in the given order. Raises Http404 for what cannot be one."""
    try:
        return list(dict.fromkeys(UUID(one) for one in given if one))
    except ValueError:
        raise Http404("That is no id of a job.") from None


def _list_action(action: Action) -> Callable[..., HttpResponse]:
    def ask(model_admin: ConfirmedActions, request: HttpRequest, jobs: Any) -> HttpResponse:
        return model_admin.ask_or_act(request, action, jobs)

    return ask
