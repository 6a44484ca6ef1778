"""Failed logins are throttled by account and address: page, admin and API."""

from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from jobs import services

pytestmark = pytest.mark.django_db

PAGE = "/accounts/login/"
LIMIT = 3
HOME = "203.0.113.1"


@pytest.fixture(autouse=True)
def throttled(settings: Any) -> None:
    settings.LOGIN_REQUIRED = True
    settings.AXES_FAILURE_LIMIT = LIMIT


@pytest.fixture
def anna() -> User:
    return User.objects.create_superuser("anna", password="a good password")


def sign_in(name: str, password: str, address: str = HOME, page: str = PAGE, **more: Any) -> Any:
    form = {"username": name, "password": password}
    return Client().post(page, form, REMOTE_ADDR=address, **more)


def fail(times: int, name: str = "anna", address: str = HOME, **more: Any) -> list[int]:
    return [sign_in(name, "wrong", address, **more).status_code for _ in range(times)]


@pytest.mark.parametrize("page", [PAGE, "/admin/login/"])
def test_after_some_failures_even_the_right_password_waits(anna: User, page: str):
    assert fail(LIMIT - 1, page=page) == [200] * (LIMIT - 1)
    answers = fail(2, page=page)
    assert answers == [429, 429]
    answer = sign_in("anna", "a good password", page=page)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "900"
    text = answer.content.decode()
    assert "try again in 15 minutes" in text
    assert "manage.py axes_reset" in text
    assert "a good password" not in text


def test_login_page_and_admin_share_one_count(anna: User):
    fail(LIMIT - 1)
    assert fail(1, page="/admin/login/") == [429]


def test_a_throttled_account_is_free_from_another_address_and_after_the_time(anna: User):
    fail(LIMIT)
    assert sign_in("anna", "a good password", "198.51.100.7").status_code == 302
    assert sign_in("anna", "a good password").status_code == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert sign_in("anna", "a good password").status_code == 302


def test_an_address_that_tries_many_accounts_is_throttled_for_all(anna: User):
    statuses = [fail(1, name=f"name{number}")[0] for number in range(5 * LIMIT)]
    assert statuses == [200] * (5 * LIMIT - 1) + [429]
    assert sign_in("anna", "a good password").status_code == 429
    assert sign_in("anna", "a good password", "198.51.100.7").status_code == 302


def test_an_account_that_many_addresses_try_is_throttled_everywhere(anna: User):
    for number in range(10 * LIMIT):
        fail(1, address=f"198.51.100.{number}")
    assert sign_in("anna", "a good password", "192.0.2.1").status_code == 429


def test_a_login_forgets_the_failures_of_its_account_only(anna: User):
    User.objects.create_user("ben", password="a good password")
    for number in range(5 * LIMIT - 1):
        fail(1, name=f"name{number}")
    assert sign_in("ben", "a good password").status_code == 302
    assert fail(1) == [429]


def test_a_client_cannot_choose_its_address(anna: User, settings: Any):
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    for number in range(LIMIT):
        fail(1, address="127.0.0.1", HTTP_X_FORWARDED_FOR=f"192.0.2.{number}, {HOME}")
    proxied = {"address": "127.0.0.1", "HTTP_X_FORWARDED_FOR": f"192.0.2.99, {HOME}"}
    assert sign_in("anna", "a good password", **proxied).status_code == 429
    proxied["HTTP_X_FORWARDED_FOR"] = "198.51.100.7"
    assert sign_in("anna", "a good password", **proxied).status_code == 302


def test_strangers_behind_a_proxy_that_is_not_named_lock_out_one_account_at_most(anna: User):
    for number in range(5 * LIMIT):
        fail(1, name=f"name{number}", address="127.0.0.1", HTTP_X_FORWARDED_FOR=HOME)
    more = {"address": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "198.51.100.7"}
    assert sign_in("anna", "a good password", **more).status_code == 302


def call(token: str, path: str = "/api/jobs", address: str = HOME) -> Any:
    return Client().get(path, REMOTE_ADDR=address, headers={"Authorization": f"Token {token}"})


def test_calls_with_wrong_tokens_are_throttled_and_valid_tokens_work_on(anna: User):
    token, _ = services.create_token(anna, name="one")
    statuses = [call(f"wrong{number}").status_code for number in range(5 * LIMIT + 1)]
    assert statuses == [401] * (5 * LIMIT - 1) + [429] * 2
    answer = call("wrong", "/api/jobs/%00")
    assert list(answer.json()) == ["error"]
    assert "Replace the token" in answer.json()["error"]
    assert answer.headers["Retry-After"] == "900"
    assert call("wrong", address="198.51.100.7").status_code == 401
    assert call(token).status_code == 200


def test_wrong_tokens_lock_nobody_out_of_the_page(anna: User):
    for number in range(5 * LIMIT + 1):
        call(f"wrong{number}")
    assert sign_in("anna", "a good password").status_code == 302


def test_a_locked_login_writes_nothing(anna: User, django_assert_num_queries: Any):
    fail(LIMIT, HTTP_USER_AGENT="one")
    rows = list(AccessAttempt.objects.values())
    assert len(rows) == 1
    fail(LIMIT, HTTP_USER_AGENT="two")
    assert list(AccessAttempt.objects.values()) == rows


def test_no_password_and_no_token_is_recorded(anna: User):
    fail(1)
    call("bs_secret")
    stored = str(list(AccessAttempt.objects.values()))
    assert "wrong" not in stored
    assert "bs_secret" not in stored


def test_an_administrator_unlocks_by_deleting_the_failures(anna: User):
    fail(LIMIT)
    boss = Client()
    boss.force_login(anna)
    attempt = AccessAttempt.objects.get()
    answer = boss.post(f"/admin/axes/accessattempt/{attempt.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 302
    assert sign_in("anna", "a good password").status_code == 302
