"""GET /api/jobs/<id>/events."""

from collections.abc import Callable

from django.contrib.auth.models import User
from django.test import Client

from jobs.models import Job, JobEvent
from jobs.querysets import Entry
from tests.api.caller import Caller

Start = Callable[..., Job]


def test_who_did_what_and_from_where(start: Start, alice: User):
    client = Client()
    client.force_login(alice)
    api = Caller(client)
    job = start(user=alice)
    path = f"/api/jobs/{job.pk}"
    api.post(f"{path}/pause", X_Requested_With="batchsite-page")
    JobEvent.objects.record(job.pk, "given_back", Entry("engine", message="A worker died"))
    found = api.get(f"{path}/events").body
    assert [
        (event["kind"], event["source"], event["actor"], event["message"])
        for event in found["events"]
    ] == [
        ("start", "command", "alice", "Slow: 5 items"),
        ("pause", "page", "alice", ""),
        ("given_back", "engine", None, "A worker died"),
    ]
    assert all(event["at"].endswith("Z") for event in found["events"])
    assert found["next"] is None


def test_next_leads_through_many_events(api: Caller, start: Start):
    job = start()
    JobEvent.objects.bulk_create(
        JobEvent(job=job, kind="given_back", source="engine", message=str(number))
        for number in range(1_000)
    )
    found = api.get(f"/api/jobs/{job.pk}/events").body
    sizes = [len(found["events"])]
    while found["next"]:
        found = api.get(found["next"]).body
        sizes.append(len(found["events"]))
    assert sizes == [500, 500, 1]
    assert found["events"][-1]["message"] == "999"


def test_a_wrong_place_is_named(api: Caller, start: Start):
    answer = api.get(f"/api/jobs/{start().pk}/events?after=x")
    assert list(answer.body["fields"]) == ["after"]
