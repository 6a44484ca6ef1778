"""The registry: which clusters are present, independently of the clocks of their machines."""

import os
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from jobs.cluster.brokers import FORGET_AFTER, _report_presence
from jobs.cluster.registry import (
    PRESENCE_SECONDS,
    fetch_live_clusters,
    live_clusters,
    progress_marker,
)
from jobs.models import Cluster

pytestmark = pytest.mark.usefixtures("module_database")
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _no_clusters():
    yield
    Cluster.objects.all().delete()


def report_presence(cluster_id=None, busy_reports=0):
    """Report a cluster, as its sentinel does; its id."""
    stat = SimpleNamespace(
        cluster_id=cluster_id or uuid4(),
        host="here",
        pid=1,
        workers=[2],
        status="Idle",
        tob=timezone.now(),
    )
    _report_presence(stat, busy_reports)
    return stat.cluster_id


def age(cluster, seconds):
    """As if it had been reported so many seconds before."""
    found = Cluster.objects.filter(pk=cluster)
    found.update(
        seen_at=Now() - timedelta(seconds=seconds), seen_seconds=F("seen_seconds") - seconds
    )


@pytest.fixture
def set_clock(monkeypatch):
    """Sets this machine's clock, but not the database's, to now plus a difference."""
    now = timezone.now

    def set_to(difference):
        monkeypatch.setattr(timezone, "now", lambda: now() + difference)

    return set_to


@pytest.mark.parametrize("reported_at", [-HOUR, HOUR])
def test_a_cluster_is_live_whatever_the_clock_of_its_machine_says(set_clock, reported_at):
    set_clock(reported_at)
    cluster = report_presence()
    assert [found.pk for found in live_clusters()] == [cluster]
    assert [found.pk for found in fetch_live_clusters()] == [cluster]
    set_clock(timedelta())
    assert live_clusters().exists()
    assert fetch_live_clusters()


@pytest.mark.parametrize(("seconds", "is_live"), [(-8, True), (2, False)])
def test_a_cluster_without_a_recent_report_is_not_live(seconds, is_live):
    age(report_presence(), PRESENCE_SECONDS + seconds)
    assert live_clusters().exists() == is_live
    assert bool(fetch_live_clusters()) == is_live


def set_report(cluster, **fields):
    Cluster.objects.filter(pk=cluster).update(**fields)


@pytest.mark.parametrize("jump", [-2 * HOUR, 2 * HOUR])
def test_a_cluster_of_this_machine_is_live_whatever_the_clock_of_the_database_says(jump):
    cluster = report_presence()
    set_report(cluster, seen_at=Now() - jump)
    assert live_clusters().exists()
    assert fetch_live_clusters()


@pytest.mark.parametrize("jump", [-2 * HOUR, timedelta(), 2 * HOUR])
def test_a_dead_cluster_of_this_machine_is_not_live_after_a_jump(jump):
    cluster = report_presence()
    set_report(cluster, seen_at=Now() - jump, seen_seconds=F("seen_seconds") - PRESENCE_SECONDS - 2)
    assert not live_clusters().exists()
    assert not fetch_live_clusters()


@pytest.mark.parametrize(
    ("seen", "is_live"), [(-HOUR, False), (timedelta(seconds=5), True), (HOUR, False)]
)
def test_a_cluster_of_another_machine_is_live_by_the_clock_of_the_database(seen, is_live):
    cluster = report_presence()
    set_report(cluster, boot="another", seen_seconds=0.0, seen_at=Now() + seen)
    assert live_clusters().exists() == is_live
    assert bool(fetch_live_clusters()) == is_live


def test_a_cluster_is_forgotten_after_a_day_by_the_clock_of_the_database(set_clock):
    gone, kept = report_presence(), report_presence()
    age(gone, FORGET_AFTER.total_seconds() + 60)
    age(kept, FORGET_AFTER.total_seconds() - 60)
    set_clock(HOUR)
    other = report_presence()
    assert set(Cluster.objects.values_list("pk", flat=True)) == {kept, other}


def test_a_task_of_the_host_that_runs_is_progress_of_its_cluster():
    cluster = report_presence()
    idle = progress_marker([os.getpid()])
    report_presence(cluster, busy_reports=1)
    assert progress_marker([os.getpid()]) != idle
    assert progress_marker([os.getpid() + 1]) == idle
