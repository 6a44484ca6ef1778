"""API tokens: hashed, several a person, with expiry and last use, revoked with the password."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from jobs import services
from jobs.api import access
from jobs.models import ApiToken
from tests.api.caller import Caller


@pytest.fixture(autouse=True)
def login_required(settings: Any) -> None:
    settings.LOGIN_REQUIRED = True


@pytest.fixture(autouse=True)
def nothing_recorded() -> None:
    access._written.clear()


def status(token: str) -> int:
    return Caller(Authorization=f"Token {token}").get("/api/jobs").status


def test_the_database_holds_no_token(alice: User):
    token, _ = services.create_token(alice, name="nightly")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM jobs_apitoken")
        stored = str(cursor.fetchall())
    assert "nightly" in stored
    assert token not in stored
    assert token[:12] not in stored


def test_a_person_has_several_tokens_and_one_is_revoked_alone(alice: User):
    first, row = services.create_token(alice, name="one")
    second, _ = services.create_token(alice, name="two")
    assert (status(first), status(second)) == (200, 200)
    row.delete()
    assert (status(first), status(second)) == (401, 200)


def test_an_expired_token_is_refused_and_says_what_to_do(alice: User):
    token, row = services.create_token(alice, name="one", days=1)
    assert status(token) == 200
    ApiToken.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = Caller(Authorization=f"Token {token}").get("/api/jobs")
    assert answer.status == 401
    assert "expired" in answer.error
    assert "createtoken" in answer.error


def test_the_last_use_is_recorded_once_in_a_while(alice: User, monkeypatch: pytest.MonkeyPatch):
    token, row = services.create_token(alice, name="one")
    before = timezone.now()
    status(token)
    row.refresh_from_db()
    first = row.last_used_at
    assert first is not None
    assert before <= first <= timezone.now()
    status(token)
    row.refresh_from_db()
    assert row.last_used_at == first
    monkeypatch.setattr(access, "LAST_USE_SECONDS", 0.0)
    status(token)
    row.refresh_from_db()
    assert row.last_used_at is not None
    assert row.last_used_at > first


def change_by_save(alice: User) -> None:
    alice.set_password("another long password")
    alice.save()


def change_by_save_of_one_field(alice: User) -> None:
    alice.set_password("another long password")
    alice.save(update_fields=["password"])


def change_in_the_admin(alice: User) -> None:
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss"))
    new = {"password1": "another long password", "password2": "another long password"}
    answer = boss.post(f"/admin/auth/user/{alice.pk}/password/", {**new, "usable_password": "true"})
    assert answer.status_code == 302


def take_the_password_away(alice: User) -> None:
    alice.set_unusable_password()
    alice.save()


@pytest.mark.parametrize(
    "change",
    [change_by_save, change_by_save_of_one_field, change_in_the_admin, take_the_password_away],
)
def test_a_new_password_revokes_all_tokens_of_its_person_and_no_others(
    alice: User, bob: User, change: Any
):
    hers = [services.create_token(alice, name=name)[0] for name in ("one", "two")]
    his, _ = services.create_token(bob, name="his")
    change(alice)
    assert [status(token) for token in (*hers, his)] == [401, 401, 200]


def test_other_changes_of_an_account_keep_its_tokens(alice: User, settings: Any):
    token, _ = services.create_token(alice, name="one")
    alice.email = "alice@example.org"
    alice.save()
    # Django hashes a password again when its way of hashing is no longer the preferred one.
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    before = alice.password
    form = {"username": "alice", "password": "alice's password"}
    assert Client().post("/accounts/login/", form).status_code == 302
    alice.refresh_from_db()
    assert alice.password != before
    assert status(token) == 200


def test_an_account_without_password_keeps_its_tokens_at_each_login(db: None):
    carol = User.objects.create_user("carol")
    token, _ = services.create_token(carol, name="one")
    carol.save()
    assert status(token) == 200


def test_tokens_of_the_version_before_are_kept_hashed(alice: User):
    migration = import_module("jobs.migrations.0008_api_tokens")
    key = "3f0f9a7c" * 5
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE authtoken_token (key varchar(40), user_id integer)")
        cursor.execute("INSERT INTO authtoken_token VALUES (%s, %s)", [key, alice.pk])
    # Not entered: within a test's transaction SQLite cannot switch off its foreign keys.
    migration.take_over_tokens(apps, connection.SchemaEditorClass(connection))
    assert status(key) == 200
    assert "authtoken_token" not in connection.introspection.table_names()
