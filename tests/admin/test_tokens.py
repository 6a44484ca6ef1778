"""API tokens in the admin: shown once; nobody but a superuser creates them for others."""

import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from jobs import services
from jobs.models import ApiToken
from jobs.models.token import digest_of
from tests.admin.people import person, superuser

pytestmark = pytest.mark.django_db

LIST = reverse("admin:jobs_apitoken_changelist")
ADD = reverse("admin:jobs_apitoken_add")
RIGHTS = ("view_apitoken", "add_apitoken", "delete_apitoken")


def test_a_created_token_is_shown_once_and_kept_nowhere_readable():
    client = superuser()
    alice = User.objects.create_user("alice")
    answer = client.post(ADD, {"user": alice.pk, "name": "nightly", "days": 3})
    token = re.search(r'<code id="token">([^<]+)</code>', answer.content.decode())[1]
    row = ApiToken.objects.get()
    assert (row.user, row.name, row.digest) == (alice, "nightly", digest_of(token))
    assert "no-store" in answer.headers["Cache-Control"]
    assert not any(token in morsel.value for morsel in answer.cookies.values())
    change = reverse("admin:jobs_apitoken_change", args=[row.pk])
    for page in (LIST, change):
        text = client.get(page).content.decode()
        assert row.beginning in text
        assert token not in text


def test_staff_without_superuser_rights_get_no_token_of_others():
    client = person("anna", *RIGHTS)
    boss = User.objects.create_superuser("boss")
    services.create_token(boss, name="secret")
    assert "secret" not in client.get(LIST).content.decode()
    answer = client.post(ADD, {"user": boss.pk, "name": "stolen"})
    assert "Select a valid choice" in answer.content.decode()
    anna = User.objects.get(username="anna")
    assert client.post(ADD, {"user": anna.pk, "name": "mine"}).status_code == 200
    assert list(ApiToken.objects.values_list("user__username", "name")) == [
        ("anna", "mine"),
        ("boss", "secret"),
    ]


def test_deleting_a_token_revokes_it_and_no_token_can_be_changed():
    client = superuser()
    _, row = services.create_token(User.objects.create_user("alice"), name="nightly")
    change = reverse("admin:jobs_apitoken_change", args=[row.pk])
    assert client.post(change, {"name": "other"}).status_code == 403
    delete = reverse("admin:jobs_apitoken_delete", args=[row.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 302
    assert not ApiToken.objects.exists()
