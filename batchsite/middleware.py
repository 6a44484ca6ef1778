"""The site's policy: nothing from elsewhere in local mode, nothing from other sites, no scripts."""

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from jobs.supervisor.exclusive import is_loopback

GetResponse = Callable[[HttpRequest], HttpResponseBase]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
OWN_REQUESTS = frozenset({"same-origin", "none"})
"""Values of Sec-Fetch-Site: a page of this site, or the person's own doing, as a bookmark."""
REFUSAL = (
    "This request comes from another website, so it was refused. "
    "Open this site's own page and try again."
)

FORWARDED = frozenset({
    "forwarded", "via", "x-real-ip", "x-client-ip", "client-ip", "true-client-ip",
    "cf-connecting-ip", "x-original-forwarded-for", "x-cluster-client-ip", "tailscale-user-login",
})  # fmt: skip
"""Headers of proxies, besides those that begin with X-Forwarded."""

NOT_LOCAL = (
    "This site runs without login for the person at this machine, so it answers no request from "
    "elsewhere or through a proxy. To serve others, start it with LOGIN_REQUIRED=true and "
    "DJANGO_ALLOWED_HOSTS set to its names."
)

CANCEL_HANDLER = "cancelCurrentJob()"
CANCEL_STYLE = "display: none;"


def _hashed(text: str) -> str:
    """The CSP source expression that allows this inline text and no other."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


# The cancel button of the page has an inline handler and an inline style. A browser accepts these
# two texts and no other inline ones.
POLICY = "; ".join(
    (
        "default-src 'none'",
        f"script-src 'self' 'unsafe-hashes' {_hashed(CANCEL_HANDLER)}",
        f"style-src 'self' 'unsafe-hashes' {_hashed(CANCEL_STYLE)}",
        "img-src 'self' data:",  # Bootstrap's icons, and the tab icon with the percentage
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


class ContentSecurityPolicyMiddleware:
    """Sends a strict Content-Security-Policy, unless the view has set one of its own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response


class LocalModeMiddleware:
    """Answers 403 in local mode to requests that do not come from a program on this machine.

    The host name is not enough: anyone can send it, and a proxy often replaces it by its own.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not settings.LOCAL_MODE or settings.LOGIN_REQUIRED or is_from_this_machine(request):
            return self.get_response(request)
        if request.path_info.startswith("/api/") or request.path_info == "/health":
            return JsonResponse({"error": NOT_LOCAL}, status=403)
        return HttpResponse(NOT_LOCAL, status=403, content_type="text/plain; charset=utf-8")


def is_from_this_machine(request: HttpRequest) -> bool:
    """Return True if the peer has a loopback address and no proxy has forwarded the request."""
    if not is_loopback(request.META.get("REMOTE_ADDR", "")):
        return False
    names = {name.lower() for name in request.headers}
    return not names & FORWARDED and not any(name.startswith("x-forwarded") for name in names)


class SameSiteMiddleware:
    """Answers 403 to requests of other sites' pages: every change, and everything of the API.

    In local mode nobody logs in, so another site's page could fetch a CSRF token. The headers that
    browsers set cannot be forged by a page. Programs do not send them and pass.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        guarded = request.method not in SAFE_METHODS or request.path_info.startswith("/api/")
        if guarded and is_from_another_site(request):
            return JsonResponse({"error": REFUSAL}, status=403)
        return self.get_response(request)


def is_from_another_site(request: HttpRequest) -> bool:
    """Return True if the headers that browsers set name a page of another site."""
    if request.headers.get("Sec-Fetch-Site", "none") not in OWN_REQUESTS:
        return True
    origin = request.headers.get("Origin")
    if origin is None or origin in settings.CSRF_TRUSTED_ORIGINS:
        return False
    # Without the scheme: behind a proxy that ends TLS it is not the browser's.
    return urlsplit(origin).netloc.lower() != request.get_host().lower()
