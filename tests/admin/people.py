"""People for the tests of the admin."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client


def person(name: str, *permissions: str, staff: bool = True) -> Client:
    """A signed-in browser of a person with these permissions on jobs, such as "cancel_job"."""
    user = get_user_model().objects.create_user(name, is_staff=staff)
    found = Permission.objects.filter(codename__in=permissions, content_type__app_label="jobs")
    assert found.count() == len(permissions)
    user.user_permissions.set(found)
    client = Client()
    client.force_login(user)
    return client


def superuser(name: str = "boss") -> Client:
    """A signed-in browser of a superuser."""
    client = Client()
    client.force_login(get_user_model().objects.create_superuser(name))
    return client
