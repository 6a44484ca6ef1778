"""The migrations and the models describe the same tables."""

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_no_model_has_a_change_without_a_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
