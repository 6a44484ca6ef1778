"""GET /health."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from batchsite.settings.database import database_from
from jobs.api import health_checks
from jobs.backends.trouble import LOCKED
from jobs.models import Cluster
from jobs.progress import write_probe
from tests.api.caller import Caller
from tests.support.in_process import default_database
from tests.support.locks import locked_database


@pytest.fixture(autouse=True)
def library_folder(tmp_path: Path, settings: Any) -> Path:
    settings.LIBRARY_ROOT = tmp_path
    return tmp_path


def test_health_is_ok_if_every_check_is(api: Caller, cluster: Cluster):
    answer = api.get("/health")
    assert (answer.status, answer.body) == (
        200,
        {
            "status": "ok",
            "checks": {"database": "ok", "broker": "ok", "cluster": "ok", "library": "ok"},
        },
    )


def test_health_needs_no_login(api: Caller, cluster: Cluster, settings: Any):
    settings.LOGIN_REQUIRED = True
    assert api.get("/health").status == 200


def failed_check(api: Caller, name: str) -> str:
    """The sentence of one check while all others are ok."""
    answer = api.get("/health")
    assert (answer.status, answer.body["status"]) == (503, "error")
    others = {other for other, text in answer.body["checks"].items() if text != "ok"}
    assert others == {name}
    return answer.body["checks"][name]


def test_health_without_a_cluster_names_the_cluster(api: Caller, db: None):
    assert failed_check(api, "cluster") == "No worker is running. Start one: manage.py runcluster"


@pytest.mark.parametrize("change", [{"status": "Stopping"}, {"status": "Stopped"}, {"age": 60}])
def test_health_with_a_stopped_or_stalled_cluster_names_the_cluster(
    api: Caller, cluster: Cluster, change: dict[str, Any]
):
    cluster.seen_at -= timedelta(seconds=change.pop("age", 0))
    for name, value in change.items():
        setattr(cluster, name, value)
    cluster.save()
    assert "No worker is running" in failed_check(api, "cluster")


def test_health_with_an_unreadable_library_names_the_library(
    api: Caller, cluster: Cluster, library_folder: Path, settings: Any
):
    settings.LIBRARY_ROOT = library_folder / "unmounted"
    assert "does not exist" in failed_check(api, "library")
    (library_folder / "file").touch()
    settings.LIBRARY_ROOT = library_folder / "file"
    assert failed_check(api, "library") == "The library folder cannot be read: Not a directory."


def test_health_with_a_hanging_library_answers_and_starts_one_thread(
    api: Caller, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
):
    go, threads = threading.Event(), []

    def hang() -> None:
        threads.append(threading.current_thread())
        go.wait(30)

    monkeypatch.setattr(health_checks, "_library", hang)
    monkeypatch.setattr(health_checks, "TIMEOUT_SECONDS", 0.05)
    try:
        assert "has not answered" in failed_check(api, "library")
        assert "has not answered" in failed_check(api, "library")
        assert len(threads) == 1
    finally:
        go.set()
    threads[0].join(30)
    assert api.get("/health").status == 200


def test_health_without_a_broker_names_the_broker(
    api: Caller, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
):
    from django_q.conf import Conf

    monkeypatch.setattr(Conf, "BROKER_CLASS", "jobs.cluster.brokers.RedisBroker")
    monkeypatch.setattr(Conf, "ORM", None)
    monkeypatch.setattr(Conf, "REDIS", "redis://127.0.0.1:1/0")
    assert failed_check(api, "broker") == "The message broker does not answer."


def test_health_without_a_database_names_every_check_that_reads_it(api: Caller, db: None):
    nowhere = database_from("postgres://nobody@127.0.0.1:1/nothing")
    with default_database(nowhere):
        answer = api.get("/health")
    assert answer.status == 503
    assert answer.body["checks"] == {
        "database": "The database does not answer.",
        "broker": "The database does not answer.",
        "cluster": "The database does not answer.",
        "library": "ok",
    }


def test_health_with_a_locked_database_names_the_lock_and_not_the_cluster(
    api: Caller, transactional_db: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(write_probe, "_probe", write_probe.WriteProbe())
    with locked_database():
        answer = api.get("/health")
    assert answer.status == 503
    assert answer.body["checks"] == {
        "database": LOCKED,
        "broker": "ok",
        "cluster": "Not known: no cluster could report its presence to the database.",
        "library": "ok",
    }


def test_unexpected_error_of_a_check_is_named_by_its_type(
    api: Caller, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
):
    def breaks() -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(health_checks, "_database", breaks)
    assert failed_check(api, "database") == "This does not answer: RuntimeError."
