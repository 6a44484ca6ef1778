import errno
import os
import threading

import pytest

from jobs.operations.files import atomic_write, open_regular, resolve, unreachable
from jobs.operations.item import Item
from jobs.operations.results import ItemFailed


@pytest.fixture
def library(tmp_path):
    """A library with a file, and a secret beside it."""
    root = tmp_path / "library"
    (root / "folder").mkdir(parents=True)
    (root / "folder" / "file.txt").write_text("inside")
    (tmp_path / "secret.txt").write_text("outside")
    return root


@pytest.mark.parametrize(
    "key",
    [
        "../secret.txt",
        "folder/../../secret.txt",
        "/etc/passwd",
        "folder//file.txt",
        "./folder/file.txt",
        "folder/.",
        "folder/",
        "",
        ".",
        "..",
        "folder/file.txt\0.jpg",
        "\\x2e\\x2e/secret.txt",
        "\ud800",
    ],
)
def test_no_key_leads_out_of_the_library_or_names_a_file_twice(library, key):
    with pytest.raises(ItemFailed, match="not the path of a file in the library") as caught:
        resolve(library, key)
    assert caught.value.finding


@pytest.mark.parametrize("target", ["../secret.txt", "/etc/passwd", "folder/../../secret.txt"])
def test_link_out_of_the_library_is_not_followed(library, target):
    (library / "link").symlink_to(target)
    for opened in (resolve, open_regular):
        with pytest.raises(ItemFailed, match="leads out of the library"):
            opened(library, "link")


def test_folder_that_is_a_link_out_of_the_library_is_not_followed(library, tmp_path):
    (library / "away").symlink_to(tmp_path)
    with pytest.raises(ItemFailed, match="leads out of the library"):
        resolve(library, "away/secret.txt")


def test_link_within_the_library_is_not_followed(library):
    (library / "link").symlink_to("folder/file.txt")
    (library / "linked").symlink_to("folder")
    for opened in (resolve, open_regular):
        for key in ("link", "linked/file.txt"):
            with pytest.raises(ItemFailed, match="No link is followed"):
                opened(library, key)


def test_library_itself_may_be_a_link(library, tmp_path):
    (tmp_path / "current").symlink_to(library)
    assert resolve(tmp_path / "current", "folder/file.txt").endswith(b"folder/file.txt")
    os.close(open_regular(tmp_path / "current", "folder/file.txt"))


def test_link_to_itself_fails(library):
    (library / "loop").symlink_to("loop")
    with pytest.raises(ItemFailed, match="leads out of the library"):
        resolve(library, "loop")


def test_missing_file_fails_with_a_sentence(library):
    with pytest.raises(ItemFailed, match="no longer there") as caught:
        resolve(library, "folder/gone.txt")
    assert not caught.value.finding, "a whole folder that is gone is an outage"


def test_missing_library_fails_with_a_sentence(tmp_path):
    with pytest.raises(ItemFailed, match=r"Is its disk mounted\?"):
        resolve(tmp_path / "unmounted", "file.txt")


def test_unreadable_file_fails_with_a_sentence(library):
    (library / "folder" / "file.txt").chmod(0)
    with as_somebody_else(), pytest.raises(ItemFailed, match="permission denied"):
        open_regular(library, "folder/file.txt")


def test_named_pipe_does_not_block(library):
    os.mkfifo(library / "pipe")
    with pytest.raises(ItemFailed, match="not a file with content"):
        open_regular(library, "pipe")


def test_folder_is_rejected(library):
    with pytest.raises(ItemFailed, match="not a file with content"):
        open_regular(library, "folder")


def test_disk_error_fails_with_its_reason():
    failure = unreachable(OSError(errno.EIO, os.strerror(errno.EIO)), "/")
    assert failure.message == "The file cannot be read: Input/output error"
    assert not failure.finding


def test_item_knows_its_path_and_its_output_folder(library, tmp_path):
    item = Item("folder/file.txt", root=library, outputs=tmp_path / "outputs" / "job")
    assert item.path == library / "folder" / "file.txt"
    assert item.path.is_absolute()
    assert item.name == "file.txt"
    assert not (tmp_path / "outputs").exists()
    assert item.output_dir.is_dir()


def test_item_of_undecodable_bytes_has_its_real_name(library):
    raw = os.fsencode(library) + b"/caf\xe9.txt"
    with open(raw, "wb") as stream:
        stream.write(b"x")
    item = Item("caf\\xe9.txt", root=library)
    assert os.fsencode(item.path) == raw
    assert item.path.read_bytes() == b"x"


def test_atomic_write_replaces_the_whole_file(tmp_path):
    target = tmp_path / "out.bin"
    target.write_bytes(b"old")
    with atomic_write(target) as stream:
        stream.write(b"new")
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o644
    assert os.listdir(tmp_path) == ["out.bin"]


def test_failed_atomic_write_leaves_no_file(tmp_path):
    def write_half() -> None:
        with atomic_write(tmp_path / "out.bin") as stream:
            stream.write(b"half")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write_half()
    assert os.listdir(tmp_path) == []


def test_concurrent_atomic_writes_leave_one_whole_file(tmp_path):
    target = tmp_path / "out.bin"
    barrier = threading.Barrier(4)

    def write(byte: bytes) -> None:
        barrier.wait()
        for _ in range(20):
            with atomic_write(target) as stream:
                stream.write(byte * 5000)

    threads = [threading.Thread(target=write, args=(byte,)) for byte in (b"a", b"b", b"c", b"d")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    content = target.read_bytes()
    assert content == content[:1] * 5000
    assert os.listdir(tmp_path) == ["out.bin"]


class as_somebody_else:  # noqa: N801 (reads like a function)
    """Without root's rights, where the tests run as root."""

    def __enter__(self) -> None:
        self.user = os.geteuid()
        if self.user == 0:
            os.seteuid(65534)

    def __exit__(self, *_: object) -> None:
        os.seteuid(self.user)
