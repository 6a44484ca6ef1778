"""What nobody's form sends: ids that are none, ways back that lead away."""

import pytest
from django.urls import reverse

from jobs.models import Job
from tests.admin import people
from tests.admin.forms import LIST, act, ask, form_of, told
from tests.support import rows

pytestmark = pytest.mark.django_db
CANCEL = reverse("admin:jobs_job_act", args=["cancel"])


def way_back(client, back, action="cancel", status="processing"):
    address, fields = form_of(ask(client, action, rows.job(status, left=1)))
    return client.post(address, {**fields, "back": back}).headers["Location"]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example",
        "http:///evil.example", "javascript:alert(1)", "\x01//evil.example",
    ],
)  # fmt: skip
def test_the_way_back_never_leaves_the_site(target):
    assert way_back(people.boss(), target) == LIST


def test_the_way_back_leads_to_the_list_as_it_was_filtered():
    client = people.boss()
    filtered = f"{LIST}?status__exact=cancelled"
    assert way_back(client, filtered) == filtered
    assert way_back(client, filtered, "delete", "cancelled") == filtered


def test_the_way_back_never_leads_to_a_deleted_job():
    job = rows.job("cancelled", left=1)
    page = reverse("admin:jobs_job_change", args=[job.pk])
    answer = act(people.boss(), "delete", job, back=page)
    assert answer.redirect_chain[-1][0] == LIST
    assert told(answer) == ["1 deleted."]


@pytest.mark.parametrize("ids", ["nonsense", "", "%00"])
def test_a_wrong_id_or_action_is_not_found(ids):
    client = people.boss()
    explode = reverse("admin:jobs_job_act", args=["explode"])
    for address in (f"{CANCEL}?job={ids}", f"{explode}?job={ids}"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize("ids", ["nonsense", "1", "\0"])
def test_a_forged_form_with_an_id_that_is_none_is_not_found(ids):
    job = rows.job("processing", left=1)
    client = people.boss()
    chosen = {"index": 0, "action": "cancel_jobs", "_selected_action": [str(job.pk), ids]}
    for form in (chosen, {**chosen, "post": "yes"}):
        assert client.post(LIST, form).status_code == 404
    assert client.post(CANCEL, {"jobs": f"{job.pk},{ids}"}).status_code == 404
    job.refresh_from_db()
    assert job.status == "processing"


@pytest.mark.parametrize("data", [{}, {"jobs": ""}, {"jobs": ",,"}])
def test_a_form_without_jobs_does_nothing_and_says_so(data):
    answer = people.boss().post(CANCEL, data, follow=True)
    assert told(answer) == ["No job was chosen: nothing was done."]


def test_an_id_is_known_however_it_is_written_and_given_twice():
    job = rows.job("processing", left=1)
    ids = f"{str(job.pk).upper()},{job.pk.hex},{{{job.pk}}}"
    answer = people.boss().post(CANCEL, {"jobs": ids}, follow=True)
    assert told(answer) == ["1 cancelled."]
    assert Job.objects.get().status == "cancelled"
