"""Every error of the API as {"error": sentence}, with "fields" where fields are wrong.

Nothing leaves here as a traceback: what nobody expected is logged and answered with a 500.
"""

import logging
from typing import Any

from django.core import exceptions as core
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions as rest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from jobs.exceptions import (
    BrokerUnavailable,
    FieldErrors,
    JobNotFound,
    JobsError,
    LibraryUnreadable,
)

logger = logging.getLogger(__name__)

SENTENCES = {
    400: "The server could not understand this request.",
    401: "Log in first, or send a token: “Authorization: Token …”.",
    403: "You may not do this.",
    404: "There is nothing at this address.",
    405: "This address cannot be used in this way.",
    413: "The request is too large. Send less at once.",
    415: "Send the body as JSON, with “Content-Type: application/json”.",
    500: "Something went wrong on the server. It was logged; try again.",
    503: "The database does not answer or is too busy. Try again in a moment.",
}

CSRF = (
    "The request lacks the token that protects logged-in people from other sites. "
    "Reload the page and try again."
)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """The answer to any exception of a view; called by the REST framework."""
    set_rollback()
    if isinstance(error, JobsError):
        fields = error.fields if isinstance(error, FieldErrors) else {}
        return _answer(_status_of(error), error.message, fields)
    if isinstance(error, rest.ValidationError):
        return _invalid(error.detail)
    if isinstance(error, rest.APIException):
        return _rest_error(error)
    status = _status(error)
    _log(status, error, context.get("request"))
    response = _answer(status, SENTENCES[status])
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django looks for this
    return response


def _log(status: int, error: Exception, request: Request | None) -> None:
    where = f"{request.method} {request.path}" if request else "?"
    if status == 503:
        # Every page that is open asks again and again, and where it happened says little.
        logger.warning("The database does not answer: %s", error)
        logger.debug("%s failed: %s", where, type(error).__name__, exc_info=error)
    elif status >= 500:
        logger.error("%s failed: %s", where, type(error).__name__, exc_info=error)


def _answer(status: int, sentence: str, fields: dict[str, list[str]] | None = None) -> Response:
    body: dict[str, Any] = {"error": _text(sentence)}
    if fields:
        body["fields"] = {_text(name): list(map(_text, told)) for name, told in fields.items()}
    return Response(body, status=status)


def _invalid(detail: Any) -> Response:
    """400 for what a serializer has found; errors of no field stand in the sentence alone."""
    found = detail if isinstance(detail, dict) else {"": detail}
    fields = {name: _flat(told) for name, told in found.items()}
    general = fields.pop("", []) + fields.pop("non_field_errors", [])
    sentences = general + [f"{name}: {' '.join(told)}" for name, told in fields.items()]
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


def _status_of(error: JobsError) -> int:
    if isinstance(error, JobNotFound):
        return 404
    return 503 if isinstance(error, BrokerUnavailable | LibraryUnreadable) else 400


def _status(error: Exception) -> int:
    if isinstance(error, Http404):
        return 404
    if isinstance(error, core.PermissionDenied):
        return 403
    if isinstance(error, core.RequestDataTooBig):
        return 413
    if isinstance(error, core.SuspiciousOperation | core.BadRequest):
        return 400
    if isinstance(error, OperationalError | InterfaceError):
        return 503
    return 500


def _text(told: str) -> str:
    """What the caller has sent may come back in an error, lone surrogates and all."""
    return told.encode(errors="replace").decode()


def _flat(told: Any) -> list[str]:
    """Sentences from the nested lists and dicts that serializers report."""
    if isinstance(told, dict):
        return [f"{name}: {text}" for name, inner in told.items() for text in _flat(inner)]
    if isinstance(told, list | tuple):
        return [text for inner in told for text in _flat(inner)]
    return [str(told)]
