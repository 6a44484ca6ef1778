"""GET /api/jobs/<id>/events."""

from collections.abc import Callable

from django.contrib.auth.models import User
from django.test import Client

from jobs.lifecycle.circuit_breaker import trip_if_failing
from jobs.models import EventEntry, Job, JobEvent, Lease
from tests.api.caller import Caller

Start = Callable[..., Job]


def test_events_have_their_actor_and_source(start: Start, alice: User):
    client = Client()
    client.force_login(alice)
    api = Caller(client)
    job = start(user=alice)
    path = f"/api/jobs/{job.pk}"
    api.post(f"{path}/pause", X_Requested_With="batchsite-page")
    JobEvent.objects.record(
        job.pk, "item_given_back", EventEntry("engine", message="a.txt was given back: it died")
    )
    found = api.get(f"{path}/events").body
    assert [
        (event["kind"], event["source"], event["actor"], event["message"])
        for event in found["events"]
    ] == [
        ("start", "command", "alice", "Slow: 5 items"),
        ("pause", "page", "alice", ""),
        ("item_given_back", "engine", None, "a.txt was given back: it died"),
    ]
    assert all(event["at"].endswith("Z") for event in found["events"])
    assert found["next"] is None


def test_pause_by_the_engine_has_its_reason(api: Caller, start: Start):
    job = start()
    Lease.objects.create(job=job, slot=1, streak=20, streak_message="No space left on device")
    assert trip_if_failing(job)
    event = api.get(f"/api/jobs/{job.pk}/events").body["events"][-1]
    assert (event["kind"], event["source"], event["actor"], event["message"]) == (
        "pause", "engine", None, "Paused after 20 equal errors: No space left on device",
    )  # fmt: skip


def test_next_leads_to_every_later_event(api: Caller, start: Start):
    job = start()
    JobEvent.objects.bulk_create(
        JobEvent(job=job, kind="item_given_back", source="engine", message=str(number))
        for number in range(1_000)
    )
    found = api.get(f"/api/jobs/{job.pk}/events").body
    sizes = [len(found["events"])]
    while found["next"]:
        found = api.get(found["next"]).body
        sizes.append(len(found["events"]))
    assert sizes == [500, 500, 1]
    assert found["events"][-1]["message"] == "999"


def test_wrong_position_is_named(api: Caller, start: Start):
    answer = api.get(f"/api/jobs/{start().pk}/events?after=x")
    assert list(answer.body["fields"]) == ["after"]
