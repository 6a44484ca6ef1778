"""Files on a disk that is not mounted are not reached: they stay in the index."""

import pytest

from jobs import services
from jobs.exceptions import LibraryUnreadable
from jobs.library import scan as scanning
from jobs.library.drift import ItemFile, find_drift, has_drifted
from jobs.library.scan_state import scan_state
from jobs.models import LibraryFile, LibraryScan, Outcome
from tests.support.factories import set_outcomes
from tests.support.mounts import Disk, in_mount_namespace, mount_tmpfs, unmount

REMEMBERED = {"sha256": "0" * 64, "size": 1, "mtime_ns": 1}


@pytest.fixture
def usb(library):
    """A disk below the library with three files, which a scan knows; a fourth is beside it."""
    library.write("beside", "usb/a", "usb/b", "usb/deep/c", content=b"1")
    disk = Disk(library.root / "usb", library.root.parent)
    library.scan(identify=disk.identify)
    files = LibraryFile.objects.filter(path__startswith="usb")
    set_outcomes(files, status="failed", memory=REMEMBERED)
    return disk


def kept(library):
    """The files of the disk that are known with all that is remembered of them."""
    files = Outcome.objects.filter(file__isnull=False, status="failed", memory=REMEMBERED)
    return sorted(files.values_list("path", flat=True))


ON_DISK = ["usb/a", "usb/b", "usb/deep/c"]


@pytest.mark.parametrize(
    "left", [(), ("@eaDir",), ("lost+found",), (".DS_Store",), ("stray",), None]
)
def test_files_of_an_unmounted_disk_are_not_reached_and_kept(library, usb, left):
    usb.unmount(*(left or ()), missing=left is None)

    counts = library.scan(identify=usb.identify)

    assert (counts.not_reached, counts.removed) == (3, 0)
    assert counts.unreached == {"usb/": 3}
    assert kept(library) == ON_DISK
    assert (scan_state().not_reached, scan_state().unreached) == (3, ["usb/"])


def test_files_of_a_disk_are_as_before_when_it_is_mounted_again(library, usb):
    usb.unmount()
    library.scan(identify=usb.identify)
    library.scan(identify=usb.identify)
    usb.mount()
    usb.number = 78  # another number of the device, as after a restart of the machine

    counts = library.scan(identify=usb.identify)

    assert (counts.not_reached, counts.changed, counts.added, counts.removed) == (0, 0, 0, 0)
    assert kept(library) == ON_DISK
    assert scan_state().unreached == []


def test_files_that_were_deleted_from_a_mounted_disk_are_removed(library, usb):
    (usb.folder / "a").unlink()

    counts = library.scan(identify=usb.identify)

    assert (counts.removed, counts.not_reached) == (1, 0)
    assert kept(library) == ON_DISK[1:]


def test_another_disk_with_nothing_on_it_is_no_disk(library, usb):
    usb.unmount("lost+found")
    empty = Disk(library.root / "usb", library.root.parent, number=99)

    counts = library.scan(identify=empty.identify)

    assert (counts.removed, counts.not_reached) == (0, 3)


def test_disk_within_an_unmounted_disk_is_remembered_with_it(library, usb):
    inner = Disk(library.root / "usb" / "deep", library.root.parent, number=88)

    def identify(status):
        device, inode = inner.identify(status)
        return (device, inode) if device == 88 else usb.identify(status)

    library.scan(identify=identify)
    usb.unmount()
    library.scan(identify=identify)
    usb.mount()
    inner.unmount()
    usb.mount()  # with the folder that is left

    counts = library.scan(identify=identify)

    assert counts.unreached == {"usb/deep/": 1}
    assert kept(library) == ON_DISK


def test_files_of_a_disk_that_are_copied_to_its_mount_point_are_indexed(library, usb):
    usb.unmount("a", "new")

    counts = library.scan(identify=usb.identify)

    assert (counts.changed, counts.added, counts.not_reached) == (1, 1, 2)


def test_accepted_removals_drop_the_files_of_an_unmounted_disk(library, usb):
    usb.unmount()

    counts = library.scan(identify=usb.identify, accept_removals=True)

    assert (counts.removed, counts.not_reached) == (3, 0)
    assert library.indexed == ["beside"]
    assert LibraryScan.objects.get().mounts == {}
    assert library.scan(identify=usb.identify).not_reached == 0


def test_disk_that_is_unmounted_during_a_scan_loses_no_file(library, usb, monkeypatch):
    monkeypatch.setattr(scanning, "_REPORT_EVERY", 1)

    def unmount_once(counts):
        if not usb.away.exists():
            usb.unmount()

    counts = library.scan(identify=usb.identify, progress=unmount_once)

    assert (counts.seen, counts.removed, counts.not_reached) == (1, 0, 3)
    assert kept(library) == ON_DISK


def test_files_of_an_unmounted_disk_have_not_vanished_for_a_job(library, usb, monkeypatch):
    job = services.start_job("verify", all=True)
    usb.unmount()
    monkeypatch.setattr("jobs.library.drift.open_root.__defaults__", (usb.identify,))

    assert find_drift(job, ["pending"]).vanished == 0
    items = [ItemFile(key, 1, 1, 1) for key in ("usb/a", "gone")]
    assert has_drifted(job, items) == [False, True]


@pytest.mark.parametrize("left", [(), ("@eaDir",), (".DS_Store", "lost+found"), ("stray",)])
def test_library_whose_own_disk_is_not_mounted_is_an_error(library, left):
    library.write("a", "b/c")
    disk = Disk(library.root, library.root.parent)
    library.scan(identify=disk.identify)
    disk.unmount(*left)

    with pytest.raises(LibraryUnreadable, match="mounted"):
        library.scan(identify=disk.identify)

    assert library.indexed == ["a", "b/c"]
    disk.folder.joinpath("a").write_bytes(b"copied")
    assert library.scan(identify=disk.identify).removed == 1


@pytest.mark.parametrize("left", ["@eaDir", "lost+found", ".DS_Store"])
def test_folder_on_another_device_with_only_what_systems_put_there_is_an_error(library, left):
    library.write("a")
    library.scan()
    LibraryScan.objects.update(device="another one")
    (library.root / "a").unlink()
    (library.root / left).mkdir()

    with pytest.raises(LibraryUnreadable, match="mounted"):
        library.scan()

    assert library.scan(accept_removals=True).removed == 1


def test_files_of_a_real_disk_are_kept_while_it_is_unmounted(library):
    usb = library.root / "usb"
    usb.mkdir()
    library.write("beside")

    def unmounted_and_back():
        mount_tmpfs(usb)
        library.write(*(f"usb/{number}" for number in range(30)))
        assert library.scan().added == 31
        unmount(usb)

        counts = library.scan()

        assert (counts.not_reached, counts.removed, counts.seen) == (30, 0, 1)
        assert len(library.indexed) == 31

    in_mount_namespace(unmounted_and_back)
