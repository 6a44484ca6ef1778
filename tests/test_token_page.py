"""The page of a person's own API tokens."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from jobs import services
from jobs.models import ApiToken
from jobs.models.token import digest_of

PAGE = "/accounts/tokens/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(client: Client, settings: Any) -> User:
    settings.LOGIN_REQUIRED = True
    user = User.objects.create_user("anna")
    client.force_login(user)
    return user


def test_a_created_token_is_shown_once(client: Client, anna: User) -> None:
    answer = client.post(PAGE, {"name": "<b>nightly</b>", "days": ""})
    text = answer.content.decode()
    token = re.search(r'id="newToken">([^<]+)</code>', text)
    assert token
    assert ApiToken.objects.get(user=anna).digest == digest_of(token[1])
    assert "no-store" in answer.headers["Cache-Control"]
    again = client.get(PAGE).content.decode()
    assert token[1] not in again
    assert "&lt;b&gt;nightly&lt;/b&gt;" in again
    assert "<b>nightly" not in again


def test_a_person_revokes_their_own_tokens_only(client: Client, anna: User) -> None:
    _, hers = services.create_token(anna, name="hers")
    _, his = services.create_token(User.objects.create_user("ben"), name="his")
    assert "his" not in re.findall("<td>(.*?)</td>", client.get(PAGE).content.decode())
    for pk in (str(his.pk), "x", "²", "9" * 30, "", str(hers.pk)):
        assert client.post(PAGE, {"revoke": pk}).status_code == 302
    assert list(ApiToken.objects.values_list("name", flat=True)) == ["his"]


@pytest.mark.parametrize("form", [{"name": ""}, {"name": "x", "days": "0"}, {"name": "x" * 101}])
def test_a_wrong_form_is_explained(client: Client, anna: User, form: dict[str, str]) -> None:
    answer = client.post(PAGE, form)
    assert answer.status_code == 400
    assert 'id="tokenError"' in answer.content.decode()
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("required", [True, False])
def test_nobody_gets_a_token_without_a_login(client: Client, settings: Any, required: bool) -> None:
    settings.LOGIN_REQUIRED = required
    assert client.post(PAGE, {"name": "x"}).headers["Location"].startswith("/accounts/login/")
    assert not ApiToken.objects.exists()
