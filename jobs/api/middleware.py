"""Errors that Django answers before or around a view: under /api/ as JSON like all others."""

from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from jobs.api.errors import SENTENCES

GetResponse = Callable[[HttpRequest], HttpResponseBase]

WRONG_HOST = (
    "This site does not answer to the host name of this request. Use its own address, "
    "or add the name to DJANGO_ALLOWED_HOSTS."
)

_OF_THE_BODY = frozenset({"content-type", "content-length", "content-encoding"})


class JsonErrorsMiddleware:
    """Replaces an error page by {"error": sentence}, as of a middleware that broke.

    Stands before all others, because each of them may answer with a page of its own, which
    in debug mode shows a traceback.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            request.get_host()
        except DisallowedHost:
            # In debug mode Django would show a traceback to whoever comes by.
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
            if name.lower() not in _OF_THE_BODY:
                answer.headers.setdefault(name, value)
        answer.cookies.update(response.cookies)
        return answer


def _wrong_host(request: HttpRequest) -> HttpResponse:
    if _is_api(request.path_info):
        return JsonResponse({"error": WRONG_HOST}, status=400)
    return HttpResponse(WRONG_HOST, status=400, content_type="text/plain; charset=utf-8")


def _is_api(path: str) -> bool:
    return path.startswith("/api/") or path == "/health"
