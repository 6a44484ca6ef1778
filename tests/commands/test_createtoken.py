"""manage.py createtoken."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from jobs.models import ApiToken
from jobs.models.token import digest_of
from tests.commands.calling import run

pytestmark = pytest.mark.django_db


def test_the_token_alone_is_on_standard_output():
    User.objects.create_user("alice")
    out, err, code = run("createtoken", "alice")
    row = ApiToken.objects.get()
    assert (out, code) == (out.strip() + "\n", 0)
    assert row.digest == digest_of(out.strip())
    assert (row.user.username, row.expires_at) == ("alice", None)
    assert err == "The token “Command line” never expires. It is shown only this once.\n"


def test_name_and_days_are_kept():
    User.objects.create_user("alice")
    _, err, code = run("createtoken", "alice", "--name", "nightly", "--days", "90")
    row = ApiToken.objects.get()
    assert (row.name, code) == ("nightly", 0)
    assert timedelta(0) <= timezone.now() + timedelta(days=90) - row.expires_at < timedelta(hours=1)
    assert f"expires on {row.expires_at:%Y-%m-%d}" in err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nobody"], "Error: There is no account “nobody”. Create it in the admin first."),
        (["carol"], "Error: The account “carol” is not active"),
        (["alice", "--name", " "], "Error: Give a name of 1 to 100 characters."),
        (["alice", "--name", "x" * 101], "Error: Give a name of 1 to 100 characters."),
        (["alice", "--days", "0"], "“0” is not a whole number from 1 to 36,500"),
    ],
)
def test_a_token_that_cannot_be_created_is_refused(arguments, sentence):
    User.objects.create_user("alice")
    User.objects.create_user("carol", is_active=False)
    out, err, code = run("createtoken", *arguments)
    assert (out, code > 0) == ("", True)
    assert sentence in err
    assert not ApiToken.objects.exists()
