"""The pages. Their scripts get all data of jobs and files from the API."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_safe

from jobs import services
from jobs.conf import conf
from jobs.exceptions import JobNotFound, UnknownOperation
from jobs.models.token import NAME_LENGTH, ApiToken
from jobs.operations import get
from jobs.services.tokens import MAX_DAYS

View = Callable[..., HttpResponse]


def _page(view: View) -> View:
    """A page for GET, behind a login if one is required, with the CSRF cookie for its scripts.

    LOGIN_REQUIRED is read for each request, so that tests and settings files may change it.
    """
    guarded = login_required(view)

    @wraps(view)
    def choose(request: HttpRequest, **kwargs: object) -> HttpResponse:
        return (guarded if settings.LOGIN_REQUIRED else view)(request, **kwargs)

    return require_safe(ensure_csrf_cookie(choose))


@_page
def index(request: HttpRequest) -> HttpResponse:
    """The file list, the operations and the jobs."""
    # Where it is on the server concerns only those who look after it.
    shown = services.sees_library_root(request.user)
    library = conf.library_root if shown else "the library folder"
    return _rendered(request, "index.html", {"library": library})


@_page
def job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """One job with its items; a page with status 404 if this user has no such job."""
    try:
        found = services.get_visible_job(job_id, request.user)
    except JobNotFound:
        return render(request, "job_missing.html", status=404)
    # “Run again” needs these; the status object does not repeat them at each poll.
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
        return get(operation).columns
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
