"""The client's address behind proxies, which no client can choose."""

from ipaddress import ip_network
from typing import Any

import pytest
from django.test import RequestFactory

from batchsite.clients import client_address, comes_from_trusted_proxy


@pytest.fixture
def behind_proxies(settings: Any) -> None:
    settings.TRUSTED_PROXIES = [
        ip_network("127.0.0.1"),
        ip_network("10.0.0.0/8"),
        ip_network("fd00::/8"),
    ]
    settings.TRUST_UNIX_SOCKET = True


def address(peer: str, forwarded: str | None = None) -> str | None:
    more: Any = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=peer, **more))


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        # What the client itself has sent stands first.
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("127.0.0.1", "nonsense, 10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", "10.1.1.1, 10.1.2.3", "10.1.1.1"),
        ("", "203.0.113.9:4711", "203.0.113.9"),
        ("::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("fd00::1", "[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2::"),
        # No proxy of ours: its header is its own word.
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "\xff, ,", "127.0.0.1"),
    ],
)
def test_the_address_is_the_last_one_that_no_trusted_proxy_has(
    behind_proxies: None, peer: str, forwarded: str | None, found: str
):
    assert address(peer, forwarded) == found


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", ""])
def test_the_address_behind_a_proxy_that_is_not_named_is_unknown(peer: str):
    assert address(peer, "203.0.113.9") is None


@pytest.mark.parametrize(
    ("peer", "trusted"), [("10.9.9.9", True), ("11.0.0.1", False), ("", True), ("x", False)]
)
def test_the_peer_decides_who_is_a_trusted_proxy(behind_proxies: None, peer: str, trusted: bool):
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR="127.0.0.1")
    assert comes_from_trusted_proxy(request) == trusted
