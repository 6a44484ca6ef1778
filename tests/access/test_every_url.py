"""Every URL with every method, as each kind of caller: the status that the table says."""

from copy import copy
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.access.people import ROLES, Jobs, callers
from tests.access.table import TABLE
from tests.access.urls import methods, path, routes

pytestmark = pytest.mark.django_db


def served() -> list[tuple[str, str]]:
    """Method and route of everything that the site answers."""
    found = {(method, route) for route, view in routes() for method in methods(route, view)}
    return sorted(found, key=lambda each: (each[1], each[0]))


def test_every_url_is_in_the_table_and_the_table_names_no_other():
    assert set(served()) == set(TABLE)


def statuses(method: str, route: str, people: dict[str, Client], jobs: Jobs) -> list[int]:
    """What each role gets. What a call changes is undone before the next one."""
    found = []
    url = path(route, jobs.for_call(method, route))
    for role in ROLES:
        cookies = copy(people[role].cookies)
        with transaction.atomic():
            body: Any = {} if route.startswith(("admin/", "accounts/")) else b"{}"
            kind = {} if isinstance(body, dict) else {"content_type": "application/json"}
            send = getattr(people[role], method.lower())
            answer = send(url, *(() if method == "GET" else (body,)), **kind)
            if answer.streaming:
                b"".join(answer)
            found.append(answer.status_code)
            transaction.set_rollback(True)
        people[role].cookies = cookies
    return found


@pytest.mark.parametrize("start", sorted({route.partition("/")[0] for _, route in served()}))
def test_each_kind_of_caller_gets_what_the_table_says(start: str, settings: Any):
    settings.LOGIN_REQUIRED = True
    people, jobs = callers()
    wrong = {}
    for (method, route), expected in TABLE.items():
        if route.partition("/")[0] != start:
            continue
        found = " ".join(map(str, statuses(method, route, people, jobs)))
        if found != expected:
            wrong[method, route] = f"{found} in the place of {expected}"
    assert wrong == {}
