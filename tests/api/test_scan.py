"""POST and GET /api/files/scan."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from jobs import backends
from jobs.api import scan
from jobs.library.scan import scan_library
from jobs.models import LibraryFile
from tests.api.caller import Caller
from tests.support.fixtures import SiteFactory
from tests.support.mounts import Disk
from tests.support.waiting import wait_until


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.LIBRARY_ROOT = tmp_path / "library"
    settings.LIBRARY_ROOT.mkdir()
    settings.LIBRARY_ROOT.joinpath("new.txt").write_text("new")
    return settings.LIBRARY_ROOT


def test_scan_state_before_the_first_scan_is_empty(api: Caller, db: None):
    assert api.get("/api/files/scan").body == {
        "running": False,
        "finished_at": None,
        "files": 0,
        "moved": 0,
        "not_reached": 0,
        "unreached": [],
        "removals": None,
        "error": None,
    }


@pytest.mark.django_db(transaction=True)
def test_a_small_library_is_scanned_at_once(api: Caller, folder: Path):
    answer = api.post("/api/files/scan")
    assert answer.status == 200
    assert (answer.body["success"], answer.body["running"], answer.body["files"]) == (
        True,
        False,
        1,
    )
    assert [file["path"] for file in api.get("/api/files").body["files"]] == ["new.txt"]
    state = api.get("/api/files/scan").body
    assert state["finished_at"].endswith("Z")


@pytest.mark.django_db(transaction=True)
def test_scan_of_a_missing_library_is_an_error(api: Caller, folder: Path):
    shutil.rmtree(folder)
    answer = api.post("/api/files/scan")
    assert (answer.status, "cannot be read" in answer.error) == (503, True)
    assert "cannot be read" in api.get("/api/files/scan").body["error"]


@pytest.mark.django_db(transaction=True)
def test_scan_during_another_scan_starts_none(api: Caller, folder: Path):
    with backends.current().scan_lock():
        answer = api.post("/api/files/scan")
        assert (answer.status, answer.body["running"]) == (202, True)
        assert api.get("/api/files/scan").body["running"] is True
    assert api.get("/api/files/scan").body["running"] is False
    assert not LibraryFile.objects.exists()


def test_long_scan_continues_after_the_answer(
    api: Caller, site_factory: SiteFactory, monkeypatch: pytest.MonkeyPatch
):
    site = site_factory("sqlite", files={"a.txt": b"a"})
    for name, value in site.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(scan, "REQUEST_SECONDS", -1.0)
    site.library.joinpath("b.txt").write_text("b")
    assert api.post("/api/files/scan").status in (200, 202)
    wait_until(lambda: api.get("/api/files/scan").body["files"] == 2)
    assert [file["path"] for file in api.get("/api/files").body["files"]] == ["a.txt", "b.txt"]


@pytest.mark.django_db(transaction=True)
def test_scan_that_would_remove_most_files_asks_and_removes_them_when_accepted(
    api: Caller, folder: Path
):
    for number in range(30):
        folder.joinpath(str(number)).write_text("x")
    api.post("/api/files/scan")
    for number in range(20):
        folder.joinpath(str(number)).unlink()

    asked = api.post("/api/files/scan")

    assert (asked.status, asked.body["removals"]) == (200, {"files": 20, "of": 31})
    assert api.get("/api/files/scan").body["removals"] == {"files": 20, "of": 31}
    assert api.get("/api/files").body["count"] == 31
    accepted = api.post("/api/files/scan", {"accept_removals": True})
    assert (accepted.status, accepted.body["removals"]) == (200, None)
    assert api.get("/api/files").body["count"] == 11


@pytest.mark.django_db(transaction=True)
def test_files_on_a_disk_that_is_not_mounted_are_reported(
    api: Caller, folder: Path, tmp_path: Path
):
    folder.joinpath("usb").mkdir()
    folder.joinpath("usb", "a").write_text("x")
    disk = Disk(folder / "usb", tmp_path)
    scan_library(identify=disk.identify)
    disk.unmount()

    answer = api.post("/api/files/scan")

    assert (answer.body["not_reached"], answer.body["unreached"]) == (1, ["usb"])


def test_scan_takes_no_other_field(api: Caller, db: None):
    assert api.post("/api/files/scan", {"accept": True}).status == 400
    assert api.post("/api/files/scan", {"accept_removals": "yes"}).status == 400
