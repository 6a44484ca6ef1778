"""The account of the first start and its password."""

import pytest
from django.contrib.auth.models import User

from jobs.management import first_run
from jobs.management.base import CommandFailure

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("password", "reason"),
    [("hunter", "too short"), ("password", "too common"), ("83746592017", "entirely numeric")],
)
def test_a_password_that_is_easy_to_guess_is_refused_with_the_reason(settings, password, reason):
    settings.ADMIN_PASSWORD = password
    with pytest.raises(CommandFailure) as error:
        first_run.prepare_account(pytest.fail)
    text = str(error.value)
    assert text.startswith("ADMIN_PASSWORD is too easy to guess.")
    assert reason in text
    assert "leave it empty to have one generated" in text
    assert not User.objects.exists()


def test_a_good_password_is_taken_and_not_shown(settings):
    settings.ADMIN_PASSWORD = "correct horse battery"
    said = []
    first_run.prepare_account(said.append)
    assert User.objects.get().check_password("correct horse battery")
    assert "horse" not in str(said)


def test_a_weak_password_is_no_matter_once_there_is_an_account(settings):
    settings.ADMIN_PASSWORD = "short"
    User.objects.create_user("anna")
    first_run.prepare_account(pytest.fail)
    assert User.objects.count() == 1
