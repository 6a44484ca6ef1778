"""Which clusters live, whatever the clocks of their machines say."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from jobs.brokers import FORGET_AFTER, _show
from jobs.clusters import SEEN_SECONDS, any_cluster_lives, live_clusters
from jobs.models import Cluster

pytestmark = pytest.mark.usefixtures("module_database")
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _no_clusters():
    yield
    Cluster.objects.all().delete()


def show():
    """As the sentinel of a cluster does it."""
    stat = SimpleNamespace(
        cluster_id=uuid4(), host="here", pid=1, workers=[2], status="Idle", tob=timezone.now()
    )
    _show(stat)
    return stat.cluster_id


def age(cluster, seconds):
    Cluster.objects.filter(pk=cluster).update(seen_at=Now() - timedelta(seconds=seconds))


@pytest.fixture
def set_clock(monkeypatch):
    """Sets this machine's clock, but not the database's, to a time so far from now."""
    now = timezone.now

    def set_to(difference):
        monkeypatch.setattr(timezone, "now", lambda: now() + difference)

    return set_to


@pytest.mark.parametrize("shown_at", [-HOUR, HOUR])
def test_a_cluster_lives_though_its_machines_clock_is_another(set_clock, shown_at):
    set_clock(shown_at)
    cluster = show()
    assert [found.pk for found in live_clusters()] == [cluster]
    assert any_cluster_lives()
    set_clock(timedelta())
    assert live_clusters().exists()
    assert any_cluster_lives()


@pytest.mark.parametrize(("silent", "lives"), [(-8, True), (2, False)])
def test_a_cluster_that_was_silent_for_too_long_is_gone(silent, lives):
    age(show(), SEEN_SECONDS + silent)
    assert live_clusters().exists() == lives
    assert any_cluster_lives() == lives


def test_a_cluster_is_forgotten_after_a_day_of_the_databases_time(set_clock):
    gone, kept = show(), show()
    age(gone, FORGET_AFTER.total_seconds() + 60)
    age(kept, FORGET_AFTER.total_seconds() - 60)
    set_clock(HOUR)
    other = show()
    assert set(Cluster.objects.values_list("pk", flat=True)) == {kept, other}
