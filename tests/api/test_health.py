"""GET /health."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from batchsite.settings.database import database_from
from jobs.api import health
from jobs.models import Cluster
from tests.api.caller import Caller
from tests.support.inprocess import default_database


@pytest.fixture(autouse=True)
def library_folder(tmp_path: Path, settings: Any) -> Path:
    settings.LIBRARY_ROOT = tmp_path
    return tmp_path


def test_all_is_well(api: Caller, cluster: Cluster):
    answer = api.get("/health")
    assert (answer.status, answer.body) == (
        200,
        {
            "status": "ok",
            "checks": {"database": "ok", "broker": "ok", "cluster": "ok", "library": "ok"},
        },
    )


def test_it_needs_no_login(api: Caller, cluster: Cluster, settings: Any):
    settings.LOGIN_REQUIRED = True
    assert api.get("/health").status == 200


def told(api: Caller, name: str) -> str:
    """What one check says while all others are well."""
    answer = api.get("/health")
    assert (answer.status, answer.body["status"]) == (503, "error")
    others = {other for other, text in answer.body["checks"].items() if text != "ok"}
    assert others == {name}
    return answer.body["checks"][name]


def test_no_cluster(api: Caller, db: None):
    assert told(api, "cluster") == "No worker is running. Start one: manage.py runcluster"


@pytest.mark.parametrize("change", [{"status": "Stopping"}, {"status": "Stopped"}, {"age": 60}])
def test_a_cluster_that_is_gone(api: Caller, cluster: Cluster, change: dict[str, Any]):
    cluster.seen_at -= timedelta(seconds=change.pop("age", 0))
    for name, value in change.items():
        setattr(cluster, name, value)
    cluster.save()
    assert "No worker is running" in told(api, "cluster")


def test_no_library(api: Caller, cluster: Cluster, library_folder: Path, settings: Any):
    settings.LIBRARY_ROOT = library_folder / "unmounted"
    assert "does not exist" in told(api, "library")
    (library_folder / "file").touch()
    settings.LIBRARY_ROOT = library_folder / "file"
    assert told(api, "library") == "The library folder cannot be read: Not a directory."


def test_a_library_that_hangs(api: Caller, cluster: Cluster, monkeypatch: pytest.MonkeyPatch):
    go, threads = threading.Event(), []

    def hang() -> None:
        threads.append(threading.current_thread())
        go.wait(30)

    monkeypatch.setattr(health, "_library", hang)
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.05)
    try:
        assert "has not answered" in told(api, "library")
        assert "has not answered" in told(api, "library")
        assert len(threads) == 1
    finally:
        go.set()
    threads[0].join(30)
    assert api.get("/health").status == 200


def test_no_broker(api: Caller, cluster: Cluster, monkeypatch: pytest.MonkeyPatch):
    from django_q.conf import Conf

    monkeypatch.setattr(Conf, "BROKER_CLASS", "jobs.brokers.RedisBroker")
    monkeypatch.setattr(Conf, "ORM", None)
    monkeypatch.setattr(Conf, "REDIS", "redis://127.0.0.1:1/0")
    assert told(api, "broker") == "The message broker does not answer."


def test_no_database(api: Caller, db: None):
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


def test_what_no_check_expected(api: Caller, cluster: Cluster, monkeypatch: pytest.MonkeyPatch):
    def breaks() -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(health, "_database", breaks)
    assert told(api, "database") == "This does not answer: RuntimeError."
