"""Every URL of the site, as the resolver has it, and the methods that its view takes."""

import re
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import Group, User
from django.urls import URLPattern, URLResolver, get_resolver

from jobs.models import ApiToken, Cluster, JobItem, LibraryFile

CHANGING = ("post", "put", "patch", "delete")


def routes() -> Iterator[tuple[str, Any]]:
    """The route and the view of every URL pattern, those of included modules as well."""
    yield from _routes(get_resolver(), "")


def _routes(resolver: URLResolver, before: str) -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        route = before + _text(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern.callback
        else:
            yield from _routes(pattern, route)


def _text(pattern: object) -> str:
    """The pattern; that of the admin's apps without their names, whose order may change."""
    return "<app_label>/" if "(?P<app_label>" in str(pattern) else str(pattern)


def methods(route: str, view: Any) -> list[str]:
    """GET, and what else a view of the API declares; forms of pages are tested with POST."""
    declared = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if route.startswith("admin/") or declared is None:
        return ["GET", "POST"] if route in WITH_FORM else ["GET"]
    taken = [name for name in ("get", *CHANGING) if hasattr(declared, name)]
    allowed = getattr(declared, "http_method_names", taken)
    return [name.upper() for name in taken if name in allowed] or ["GET"]


WITH_FORM = {"accounts/tokens/", "admin/jobs/job/"}
"""Pages whose form does something; the others are tested beside their own features."""


def path(route: str, job: Any) -> str:
    """A URL of this route, for the job or for a row that exists."""
    if route == "api/":
        return "/api/nothing"
    if "(?P<url>" in route:
        return "/admin/nothing/"
    url = "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: _value(route, found[1], job), route)
    return f"{url}?for=resume" if route.endswith("/changes") else url


def _value(route: str, name: str, job: Any) -> str:
    if name == "job_id":
        return str(job.pk)
    if name == "path":
        return "howto/page.md"
    if name == "app_label":
        return "jobs"
    if name in ("content_type_id", "id"):
        return "1"
    rows: dict[str, Any] = {
        "admin/jobs/job/": job,
        "admin/jobs/jobitem/": JobItem.objects.first(),
        "admin/jobs/libraryfile/": LibraryFile.objects.first(),
        "admin/jobs/cluster/": Cluster.objects.first(),
        "admin/jobs/apitoken/": ApiToken.objects.first(),
        "admin/auth/group/": Group.objects.first(),
        "admin/auth/user/": User.objects.first(),
    }
    row = next((row for start, row in rows.items() if route.startswith(start)), None)
    return str(row.pk if row is not None else 1)
