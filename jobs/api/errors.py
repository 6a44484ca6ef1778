"""Every error of the API as {"error": sentence}, with "fields" where fields are wrong.

Every answer has the header `MARK`. A proxy's own 404 or 401 lacks it, and says nothing about a job.
No answer holds a traceback: an unexpected error is logged and answered with a 500.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.core import exceptions as core
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from rest_framework import exceptions as rest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from jobs import backends
from jobs.exceptions import (
    BrokerUnavailable,
    FieldErrors,
    JobNotFound,
    JobsError,
    LibraryUnreadable,
)
from jobs.services.access import without_library_root

logger = logging.getLogger(__name__)

MARK = "Batchsite-API"
"""The header of every answer of the API; `static/js/api/answer.js` looks for it."""

SENTENCES = {
    400: "The server could not understand this request.",
    401: "Log in first, or send a token: “Authorization: Token …”.",
    403: "You may not do this.",
    404: "There is nothing at this URL.",
    405: "This URL does not take this method.",
    413: "The request is too large. Send less at once.",
    415: "Send the body as JSON, with “Content-Type: application/json”.",
    429: "There were too many calls with invalid tokens. Replace the token and try again later.",
    500: "Something went wrong on the server. It was logged; try again.",
    503: "The database does not answer or is too busy. Try again in a moment.",
}

_STATUSES: tuple[tuple[tuple[type[Exception], ...], int], ...] = (
    ((JobNotFound, Http404), 404),
    ((BrokerUnavailable, LibraryUnreadable, OperationalError, InterfaceError), 503),
    ((core.PermissionDenied,), 403),
    ((core.RequestDataTooBig,), 413),
    ((JobsError, core.SuspiciousOperation, core.BadRequest), 400),
)

WRONG_HOST = (
    "This site does not answer to the host name of this request. Use its own address, "
    "or add the name to DJANGO_ALLOWED_HOSTS."
)

CSRF = (
    "The request lacks the token that protects logged-in people from other sites. "
    "Reload the page and try again."
)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """The answer to an exception of a view; called by the REST framework."""
    set_rollback()
    if isinstance(error, JobsError):
        fields = error.fields if isinstance(error, FieldErrors) else {}
        request = context.get("request")
        sentence = without_library_root(error.message, request and request.user)
        return _answer(_status(error), sentence, fields)
    if isinstance(error, rest.ValidationError):
        return _invalid(error.detail)
    if isinstance(error, rest.APIException):
        return _rest_error(error)
    cause = backends.current().diagnose(error) if isinstance(error, DatabaseError) else ""
    status = 503 if cause else _status(error)
    _log(status, error, context.get("request"))
    response = _answer(status, cause or SENTENCES[status])
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django looks for this
    return response


def _log(status: int, error: Exception, request: Request | None) -> None:
    where = f"{request.method} {request.path}" if request else "?"
    if status == 503:
        # Every open page asks again and again, and the place of the failure says little.
        logger.warning("The database does not answer: %s", error)
        logger.debug("%s failed: %s", where, type(error).__name__, exc_info=error)
    elif status >= 500:
        logger.error("%s failed: %s", where, type(error).__name__, exc_info=error)


def _answer(status: int, sentence: str, fields: dict[str, list[str]] | None = None) -> Response:
    body: dict[str, Any] = {"error": _text(sentence)}
    if fields:
        body["fields"] = {_text(name): list(map(_text, texts)) for name, texts in fields.items()}
    return Response(body, status=status)


def _invalid(detail: Any) -> Response:
    """400 for the errors of a serializer; those of no field are in the sentence alone."""
    found = detail if isinstance(detail, dict) else {"": detail}
    fields = {name: _flat(texts) for name, texts in found.items()}
    general = fields.pop("", []) + fields.pop("non_field_errors", [])
    sentences = general + [f"{name}: {' '.join(texts)}" for name, texts in fields.items()]
    return _answer(400, " ".join(sentences), fields)


def _rest_error(error: rest.APIException) -> Response:
    sentence = " ".join(_flat(error.detail))
    if isinstance(error, rest.PermissionDenied) and sentence.startswith("CSRF"):
        sentence = CSRF
    elif isinstance(error, rest.NotAuthenticated | rest.UnsupportedMediaType):
        sentence = SENTENCES[error.status_code]
    elif isinstance(error, rest.MethodNotAllowed):
        sentence = f"{SENTENCES[405]} {error.detail}"
    response = _answer(error.status_code, sentence)
    if challenge := getattr(error, "auth_header", None):
        response.headers["WWW-Authenticate"] = challenge
    return response


def _status(error: Exception) -> int:
    return next((status for kinds, status in _STATUSES if isinstance(error, kinds)), 500)


def _text(sentence: str) -> str:
    """The sentence without lone surrogates, which may come from the caller's own text."""
    return sentence.encode(errors="replace").decode()


def _flat(detail: Any) -> list[str]:
    """The sentences of the nested lists and dicts that serializers report."""
    if isinstance(detail, dict):
        return [f"{name}: {text}" for name, inner in detail.items() for text in _flat(inner)]
    if isinstance(detail, list | tuple):
        return [text for inner in detail for text in _flat(inner)]
    return [str(detail)]


class JsonErrorsMiddleware:
    """Marks the answers of the API, and makes each of its errors {"error": sentence}.

    It comes before all others, because each of them may answer with a page of its own, which
    shows a traceback in debug mode.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._answer(request)
        if _is_api(request.path_info):
            response.headers[MARK] = "1"
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        try:
            request.get_host()
        except core.DisallowedHost:
            # In debug mode Django would show a traceback to everybody.
            return _wrong_host(request)
        response = self.get_response(request)
        if response.status_code < 400 or not _is_api(request.path_info):
            return response
        if response.headers.get("Content-Type", "").startswith("application/json"):
            return response
        status = response.status_code
        sentence = SENTENCES.get(status, SENTENCES[500 if status >= 500 else 400])
        answer = JsonResponse({"error": sentence}, status=status)
        for name, value in response.headers.items():
            if name.lower() not in ("content-type", "content-length", "content-encoding"):
                answer.headers.setdefault(name, value)
        answer.cookies.update(response.cookies)
        return answer


def _wrong_host(request: HttpRequest) -> HttpResponse:
    if _is_api(request.path_info):
        return JsonResponse({"error": WRONG_HOST}, status=400)
    return HttpResponse(WRONG_HOST, status=400, content_type="text/plain; charset=utf-8")


def _is_api(path: str) -> bool:
    return path.startswith("/api/") or path == "/health"
