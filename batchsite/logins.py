"""Throttles failed logins by account and address: django-axes, with a limit for each kind.

One account from one address    LOGIN_FAILURE_LIMIT: somebody guesses a password
One address, all accounts       5 times as many: somebody tries a list of accounts
One account, all addresses      10 times as many: so a stranger hardly locks its owner out
API tokens from one address     5 times as many; a valid token always works

Passwords and tokens are counted apart: a script with an expired token locks nobody out of the page.
"""

from datetime import timedelta
from typing import Any

from axes.backends import AxesStandaloneBackend
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from jobs.api.access import TOKEN_ACCOUNT

ADDRESS_FACTOR = 5
ACCOUNT_FACTOR = 10


class LoginThrottleBackend(AxesStandaloneBackend):
    """Refuses a password while its account or address is locked. Logs nobody in itself."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> None:
        if request is not None and username is not None:
            super().authenticate(request, username, password, **credentials)


class LoginThrottle(AxesDatabaseHandler):
    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        """Failures within the lock's time, each kind in units of its own limit."""
        name, address = get_client_username(request, credentials), request.axes_ip_address
        from_address = Q(ip_address=address) if address else Q(pk__in=[])
        recent = AccessAttempt.objects.filter(
            attempt_time__gt=timezone.now() - settings.AXES_COOLOFF_TIME
        )
        if name == TOKEN_ACCOUNT:
            found = recent.filter(from_address, username=name)
            return (found.aggregate(n=Sum("failures_since_start"))["n"] or 0) // ADDRESS_FACTOR
        of_account = Q(username=name)
        sums = (
            recent.exclude(username=TOKEN_ACCOUNT)
            .filter(from_address | of_account)
            .aggregate(
                both=Sum("failures_since_start", filter=Q(ip_address=address) & of_account),
                address=Sum("failures_since_start", filter=from_address),
                account=Sum("failures_since_start", filter=of_account),
            )
        )
        return max(
            sums["both"] or 0,
            (sums["address"] or 0) // ADDRESS_FACTOR,
            (sums["account"] or 0) // ACCOUNT_FACTOR,
        )

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        """Record the failure. A locked account or address costs one query and no write."""
        if request is None:  # a program of this machine
            return
        if self.is_locked(request, credentials):
            request.axes_locked_out = True
            return
        # One row for each account and address, not for each browser that a client claims to be.
        request.axes_user_agent = request.axes_http_accept = ""
        request.axes_path_info = request.path_info.replace("\0", "")[:255]
        super().user_login_failed(sender, credentials, request, **kwargs)


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    """429: as JSON for the API, else the login page with the sentence."""
    lock: timedelta = settings.AXES_COOLOFF_TIME
    minutes = max(1, round(lock.total_seconds() / 60))
    what = "calls with invalid tokens" if _is_api(request) else "failed logins"
    remedy = "Replace the token" if _is_api(request) else "Check the user name and the password"
    sentence = (
        f"There were too many {what} from your address or for this account. {remedy}, and try "
        f"again in {minutes} {'minute' if minutes == 1 else 'minutes'}. An administrator can lift "
        "this at once: manage.py axes_reset"
    )
    answer: HttpResponse
    if _is_api(request):
        answer = JsonResponse({"error": sentence}, status=429)
    else:
        answer = render(request, "registration/login.html", {"locked": sentence}, status=429)
    answer.headers["Retry-After"] = str(int(lock.total_seconds()))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/") or request.path_info == "/metrics"
