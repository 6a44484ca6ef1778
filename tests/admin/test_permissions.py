"""View, cancel and delete need a permission each."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from jobs.models import Job
from tests.admin.forms import LIST
from tests.admin.people import person, superuser
from tests.support import factories

pytestmark = pytest.mark.django_db


def forged(client, name, job):
    """The status codes of the requests that a form without permission would send."""
    chosen = {"action": name, "_selected_action": str(job.pk), "job_ids": str(job.pk)}
    bodies = ({"index": 0, **chosen}, {"confirmed": "yes", **chosen})
    return {client.post(LIST, body).status_code for body in bodies}


@pytest.mark.parametrize(
    ("permissions", "offered"),
    [
        (["view_job"], set()),
        (["view_job", "cancel_job"], {"cancel", "pause", "resume", "retry"}),
        (["view_job", "delete_job"], {"delete"}),
    ],
)
@pytest.mark.parametrize(
    ("status", "possible"),
    [("queued", {"cancel", "pause"}), ("cancelled", {"resume", "retry", "delete"})],
)
def test_only_permitted_actions_are_offered_and_others_are_refused(
    permissions, offered, status, possible
):
    job = factories.make_job(status, left=2, failed=1)
    client = person("anna", *permissions)
    listed = client.get(LIST).content.decode()
    page = client.get(reverse("admin:jobs_job_change", args=[job.pk])).content.decode()
    for name in ("cancel", "pause", "resume", "retry", "delete"):
        assert (f'<option value="{name}"' in listed) == (name in offered)
        assert (f'name="action" value="{name}"' in page) == (name in offered & possible)
        if name not in offered:
            assert forged(client, name, job) == {403}
    assert Job.objects.get().status == status
    assert not LogEntry.objects.exists()


def test_a_person_without_the_view_permission_sees_and_does_nothing():
    job = factories.make_job("queued", left=2)
    client = person("anna", "cancel_job", "delete_job")
    for url in (
        LIST,
        reverse("admin:jobs_job_change", args=[job.pk]),
        reverse("admin:jobs_jobitem_changelist"),
        reverse("admin:jobs_libraryfile_changelist"),
        reverse("admin:jobs_cluster_changelist"),
    ):
        assert client.get(url).status_code == 403, url
    assert forged(client, "cancel", job) == {403}
    assert Job.objects.get().status == "queued"


@pytest.mark.parametrize("signed_in", [False, True])
def test_a_person_who_is_not_staff_is_sent_to_the_login(signed_in):
    job = factories.make_job("queued", left=2)
    client = person("anna", "view_job", "cancel_job", staff=False) if signed_in else Client()
    assert "/admin/login/" in client.get(LIST).headers["Location"]
    assert forged(client, "cancel", job) == {302}
    assert Job.objects.get().status == "queued"


def test_a_post_without_the_csrf_token_is_refused():
    job = factories.make_job("queued", left=2)
    client = superuser()
    client.handler.enforce_csrf_checks = True
    assert forged(client, "cancel", job) == {403}
    assert Job.objects.get().status == "queued"


def test_no_row_can_be_added_edited_or_deleted_by_hand():
    job = factories.make_job("queued", left=2)
    item = job.items.first()
    client = superuser()
    for model, pk in (("job", job.pk), ("jobitem", item.pk)):
        assert client.get(reverse(f"admin:jobs_{model}_add")).status_code == 403
        url = reverse(f"admin:jobs_{model}_change", args=[pk])
        assert client.post(url, {"status": "completed", "label": "x"}).status_code == 403
        assert 'name="_save"' not in client.get(url).content.decode()
        delete = reverse(f"admin:jobs_{model}_delete", args=[pk])
        assert client.post(delete, {"post": "yes"}).status_code == 403
    assert Job.objects.get().status == "queued"
    assert job.items.count() == 2
