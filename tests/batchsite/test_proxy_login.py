"""Login by a header of a trusted proxy; off by default."""

from collections.abc import Iterator
from importlib import import_module, reload
from ipaddress import ip_network
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.auth.models import User
from django.test import Client

from jobs import services

pytestmark = pytest.mark.django_db

PROXY: Any = {"REMOTE_ADDR": "10.0.0.1"}


@pytest.fixture
def proxied(settings: Any) -> Iterator[Client]:
    """The settings of a site with REMOTE_USER_HEADER=X-Remote-User TRUSTED_PROXIES=10.0.0.1."""
    settings.LOGIN_REQUIRED = True
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.1")]
    settings.REMOTE_USER_VARIABLE = "HTTP_X_REMOTE_USER"
    module = reload(import_module("batchsite.proxy_login"))
    place = site.MIDDLEWARE.index("django.contrib.messages.middleware.MessageMiddleware")
    middleware = list(site.MIDDLEWARE)
    middleware.insert(place, "batchsite.proxy_login.ProxyLoginMiddleware")
    settings.MIDDLEWARE = middleware
    settings.AUTHENTICATION_BACKENDS = [
        *site.AUTHENTICATION_BACKENDS,
        "batchsite.proxy_login.ProxyLoginBackend",
    ]
    yield Client()
    settings.REMOTE_USER_VARIABLE = "HTTP_"
    reload(module)


def named(name: str) -> Any:
    return {**PROXY, "HTTP_X_REMOTE_USER": name}


def test_a_person_whom_the_proxy_names_is_logged_in_with_an_account_of_their_own(proxied: Client):
    assert proxied.get("/", **named("anna")).status_code == 200
    anna = User.objects.get()
    assert (anna.username, anna.is_staff, anna.is_superuser) == ("anna", False, False)
    assert anna.has_usable_password() is False
    assert proxied.get("/api/jobs", **named("anna")).status_code == 200
    assert User.objects.count() == 1


@pytest.mark.parametrize("peer", ["203.0.113.9", "127.0.0.1", ""])
def test_the_header_of_any_other_peer_counts_for_nothing(proxied: Client, peer: str):
    User.objects.create_superuser("admin")
    answer = proxied.get("/", REMOTE_ADDR=peer, HTTP_X_REMOTE_USER="admin")
    assert answer.status_code == 302
    assert proxied.get("/api/jobs", REMOTE_ADDR=peer, HTTP_X_REMOTE_USER="admin").status_code == 401


def test_the_session_ends_with_the_header_and_changes_with_the_name(proxied: Client):
    proxied.get("/", **named("anna"))
    assert (
        'Sign out<span class="visually-hidden"> ben'
        in proxied.get("/", **named("ben")).content.decode()
    )
    assert proxied.get("/", **PROXY).status_code == 302
    proxied.get("/", **named("anna"))
    assert proxied.get("/", REMOTE_ADDR="203.0.113.9").status_code == 302


def test_an_inactive_account_stays_out(proxied: Client):
    User.objects.create_user("anna", is_active=False)
    assert proxied.get("/", **named("anna")).status_code == 302


@pytest.mark.parametrize("name", ["", " ", "x" * 151])
def test_an_impossible_name_logs_nobody_in(proxied: Client, name: str):
    assert proxied.get("/", **named(name)).status_code == 302
    assert not User.objects.exists()


def test_a_name_beyond_ascii_is_kept(proxied: Client):
    proxied.get("/", **named("jürgen".encode().decode("latin-1")))
    assert User.objects.get().username == "jürgen"


def test_a_proxy_login_is_not_throttled_by_wrong_passwords(proxied: Client, settings: Any):
    settings.AXES_FAILURE_LIMIT = 1
    for number in range(6):
        form = {"username": f"name{number}", "password": "wrong"}
        Client().post("/accounts/login/", form, **PROXY)
    assert proxied.get("/", **named("anna")).status_code == 200


def test_tokens_work_beside_it(proxied: Client):
    token, _ = services.create_token(User.objects.create_user("ben"), name="one")
    answer = proxied.get("/api/jobs", headers={"Authorization": f"Token {token}"}, **PROXY)
    assert answer.status_code == 200


def test_without_the_setting_the_header_counts_for_nothing(client: Client, settings: Any):
    settings.LOGIN_REQUIRED = True
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.1")]
    assert client.get("/", **named("anna")).status_code == 302
    assert not User.objects.exists()
