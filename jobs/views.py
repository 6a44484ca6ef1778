"""The pages. Their scripts get all data of jobs and files from the API."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_safe

from jobs import operations, services
from jobs.conf import conf
from jobs.exceptions import JobNotFound, UnknownOperation
from jobs.library.queries import DEFAULT_OPERATION, STATUSES
from jobs.models.token import NAME_LENGTH, ApiToken
from jobs.services.tokens import MAX_DAYS
from jobs.states import ACTIVE

DEFAULT_ROWS = 50
MAX_UNFOLDED = 2
"""The script folds more fields than these away: `static/js/files/parameters-form.js`."""

View = Callable[..., HttpResponseBase]


def page(view: View) -> View:
    """A page for GET, behind a login if one is required, with the CSRF cookie for its scripts.

    LOGIN_REQUIRED is read for each request, so that tests and settings files may change it.
    """
    guarded = login_required(view)

    @wraps(view)
    def choose(request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        return (guarded if settings.LOGIN_REQUIRED else view)(request, **kwargs)

    return require_safe(ensure_csrf_cookie(choose))


@page
def index(request: HttpRequest) -> HttpResponse:
    """The file list, the operations and the jobs."""
    # Where it is on the server concerns only those who look after it.
    shown = services.sees_library_root(request.user)
    library = conf.library_root if shown else "the library folder"
    drawn = _drawn_operations(request)
    values: dict[str, object] = {
        "library": library,
        "listed": _first_rows(request, drawn["chosen"]),
        "operations": drawn,
        "jobs_first": _has_active_job(request),
    }
    return _rendered(request, "index.html", values)


def _has_active_job(request: HttpRequest) -> bool:
    """Return True if a phone should show the jobs above the files."""
    try:
        return services.visible_jobs(request.user).filter(status__in=ACTIVE).exists()
    except DatabaseError:
        return False


def _drawn_operations(request: HttpRequest) -> dict[str, Any]:
    """What the page shows of the operations before its scripts run: nothing moves when they do."""
    known = {operation.name: operation for operation in operations.all_operations()}
    wanted = unquote(request.COOKIES.get("batchsite_operation", ""))
    chosen = known.get(wanted) or known.get(DEFAULT_OPERATION) or next(iter(known.values()), None)
    fields = len(chosen.parameters_schema()) if chosen else 0
    return {
        "all": known.values(),
        "chosen": chosen,
        "fields": fields,
        "unfolded": 0 < fields <= MAX_UNFOLDED,
    }


def _first_rows(
    request: HttpRequest, operation: operations.Operation | None
) -> dict[str, object] | None:
    """The page of the file list that the URL names; None if the scripts have to ask for it.

    Without the database the page still comes: its scripts say what is wrong, and try again.
    """
    wanted = FilesForm(request.GET)
    if not wanted.is_valid():
        return None
    page = wanted.cleaned_data["page"] or 1
    filters = {name: wanted.cleaned_data[name] for name in ("search", "status")}
    rows = int(wanted.cleaned_data["rows"] or DEFAULT_ROWS)
    try:
        name = operation.name if operation and operation.uses_library else DEFAULT_OPERATION
        count, _, listed = services.list_files(
            request.user, operation=name, **filters, page=page, page_size=rows
        )
    except DatabaseError:
        return None
    if not listed:
        return None
    usual = not wanted.cleaned_data["rows"]
    return {
        "files": listed,
        "count": count,
        "page": page,
        "rows": rows,
        "usual": usual,
    }


class FilesForm(forms.Form):
    """The state of the file list in the URL of its page."""

    search = forms.CharField(max_length=1_000, required=False)
    status = forms.ChoiceField(choices=[(status, status) for status in STATUSES], required=False)
    page = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    rows = forms.ChoiceField(
        choices=[(rows, rows) for rows in ("10", "25", "50", "100", "200")], required=False
    )


@page
def job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """One job with its items; a page with status 404 if this user has no such job."""
    try:
        found = services.get_visible_job(job_id, request.user)
    except JobNotFound:
        return render(request, "job_missing.html", status=404)
    # For “Run again”: what was chosen is not in the status object.
    order = {
        "operation": found.operation,
        "parameters": found.parameters,
        "selection": found.selection,
    }
    values = {"job": found, "order": order, "columns": _columns(found.operation)}
    return _rendered(request, "job.html", values)


def _columns(operation: str) -> tuple[str, ...]:
    """The keys of results that are columns of the CSV; none for an operation that is gone."""
    try:
        return operations.get(operation).columns
    except UnknownOperation:
        return ()


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The person's API tokens: create one, which is shown once, or revoke one."""
    own = ApiToken.objects.filter(user=request.user.pk)
    created, error = "", ""
    if request.method == "POST":
        if "revoke" in request.POST:
            # Text that is no id names no token.
            own.filter(
                pk__in=[int(pk) for pk in request.POST.getlist("revoke") if _is_id(pk)]
            ).delete()
            return redirect("tokens")
        form = TokenForm(request.POST)
        if form.is_valid():
            created, _ = services.create_token(request.user, **form.cleaned_data)
        else:
            error = " ".join(
                f"{form[name].label}: {' '.join(map(str, texts))}"
                for name, texts in form.errors.items()
            )
    context = {"tokens": own, "created": created, "error": error}
    return render(request, "accounts/tokens.html", context, status=400 if error else 200)


class TokenForm(forms.Form):
    name = forms.CharField(max_length=NAME_LENGTH)
    days = forms.IntegerField(min_value=1, max_value=MAX_DAYS, required=False)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _rendered(request: HttpRequest, template: str, values: dict[str, object]) -> HttpResponse:
    """A page whose scripts call the API: they need the name of the cookie with the CSRF token."""
    return render(request, template, {**values, "csrf_cookie": settings.CSRF_COOKIE_NAME})
