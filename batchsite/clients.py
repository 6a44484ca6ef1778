"""Where a request comes from: the client's address, also behind proxies, and never by its word.

`X-Forwarded-For` counts only as far as trusted proxies have written it. Each proxy appends the
address of its own peer, so the list is read from its end, up to the first address that is no
trusted proxy. What stands before that was sent by the client.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address


def comes_from_trusted_proxy(request: HttpRequest) -> bool:
    """Return True if the peer of the connection is one of TRUSTED_PROXIES."""
    return _is_trusted(request.META.get("REMOTE_ADDR", ""))


def client_address(request: HttpRequest) -> str | None:
    """The client's address; for IPv6 that of its /64 network, of which it has every address.

    None if it is unknown: behind a proxy on this machine that TRUSTED_PROXIES does not name.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if not forwarded:
        return _shown(_parsed(peer))
    if not _is_trusted(peer):
        address = _parsed(peer)
        return None if address is None or address.is_loopback else _shown(address)
    found = peer
    for hop in reversed(forwarded.split(",")):
        if _parsed(hop) is None:
            break
        found = hop
        if not _is_trusted(hop):
            break
    return _shown(_parsed(found))


def _is_trusted(text: str) -> bool:
    address = _parsed(text)
    if address is None:
        return not text and settings.TRUST_UNIX_SOCKET
    return any(address in network for network in settings.TRUSTED_PROXIES)


def _parsed(text: str) -> Address | None:
    """The address in "192.0.2.1", "192.0.2.1:443", "2001:db8::1" or "[2001:db8::1]:443"."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _shown(address: Address | None) -> str | None:
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address) >> 64 << 64, 64)).network_address)
    return None if address is None else str(address)
