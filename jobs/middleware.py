"""Two fences of the web edge: no request from another site, no script that is not ours."""

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse

GetResponse = Callable[[HttpRequest], HttpResponseBase]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
OTHER_SITES = frozenset({"cross-site", "same-site"})
REFUSAL = (
    "This request comes from another website, so it was refused. "
    "Open this site's own page and try again."
)

CANCEL_HANDLER = "cancelCurrentJob()"
CANCEL_STYLE = "display: none;"


def _hashed(text: str) -> str:
    """The CSP source expression that allows exactly this inline text."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


# The cancel button is written as its document writes it, with an inline handler and an inline
# style; these two texts are the only inline ones that a browser accepts from us.
POLICY = "; ".join(
    (
        "default-src 'none'",
        f"script-src 'self' 'unsafe-hashes' {_hashed(CANCEL_HANDLER)}",
        f"style-src 'self' 'unsafe-hashes' {_hashed(CANCEL_STYLE)}",
        "img-src 'self' data:",  # Bootstrap's icons, and the tab icon that shows the percentage
        "font-src 'self'",
        "connect-src 'self'",
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


class SameSiteMiddleware:
    """Answers 403 to what a browser sends from another site: every change, all of the API.

    In local mode nobody signs in, so a CSRF token would protect nothing that a page elsewhere
    could not fetch; the headers that browsers set themselves do. Scripts do not send them and pass.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        guarded = request.method not in SAFE_METHODS or request.path_info.startswith("/api/")
        if guarded and is_from_another_site(request):
            return JsonResponse({"error": REFUSAL}, status=403)
        return self.get_response(request)


def is_from_another_site(request: HttpRequest) -> bool:
    """Whether the browser's own headers say that another site's page made this request."""
    if request.headers.get("Sec-Fetch-Site") in OTHER_SITES:
        return True
    origin = request.headers.get("Origin")
    if origin is None or origin in settings.CSRF_TRUSTED_ORIGINS:
        return False
    # Only the host is compared: behind a proxy that ends TLS the scheme here is not the browser's.
    return urlsplit(origin).netloc.lower() != request.get_host().lower()
