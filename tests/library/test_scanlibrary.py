"""The command `scanlibrary`: its output for people and scripts, and its exit codes."""

import io
import json
import os
import pty
import shutil
import subprocess

import pytest
from django.core.management import CommandError, call_command

from jobs import backends
from tests.support.folders import new_folder
from tests.support.mounts import Disk
from tests.support.stacks import manage


@pytest.fixture(scope="module")
def environment(servers, django_db_blocker):
    """One kind of database: the command's own part is the same with all."""
    with django_db_blocker.unblock():
        yield "sqlite", servers.new_environment("sqlite", new_folder("library-"))


@pytest.fixture
def run(library):
    """Runs the command as a process without a terminal."""

    def start():
        command = manage("scanlibrary")
        return subprocess.run(
            command, env=library.environment, capture_output=True, text=True, timeout=60
        )

    return start


def called(*arguments):
    """What the command prints, run in this process."""
    out = io.StringIO()
    call_command("scanlibrary", *arguments, stdout=out)
    return out.getvalue()


def test_output_in_a_pipe_is_one_line(run, library):
    library.write("a", "b/c")

    first = run()

    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith(f"{library.root}: 2 files, 2 added, 0.")
    assert called().startswith(f"{library.root}: 2 files, 0.")
    assert first.stdout.count("\n") == 1


def test_json_has_all_numbers(library):
    library.write("a", "b/c")

    found = json.loads(called("--json"))

    assert found.pop("seconds") > 0
    assert found == {
        "seen": 2, "known": 0, "added": 2, "changed": 0, "moved": 0, "removed": 0,
        "held_back": 0, "not_reached": 0, "unreached": {}, "unread": 0, "problems": [],
    }  # fmt: skip


def test_terminal_shows_a_bar(library):
    library.write("a", "b/c")
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "wb"):
        process = subprocess.Popen(
            manage("scanlibrary"),
            env={**library.environment, "COLUMNS": "100", "TERM": "xterm"},
            stdout=theirs,
            stderr=theirs,
        )
    shown = b""
    with os.fdopen(ours, "rb", buffering=0) as stream:
        while True:
            try:
                shown += stream.read(4096)
            except OSError:  # the other end was closed
                break

    assert process.wait(60) == 0
    text = shown.decode()
    assert "Scanning" in text
    assert "\x1b[" in text
    assert "2 files, 2 added" in text.splitlines()[-1]


def test_unreadable_library_is_one_line_and_exit_code_1(run, library):
    library.write("a")
    library.scan()
    shutil.rmtree(library.root)

    ended = run()

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert str(library.root) in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert library.indexed == ["a"]


def test_second_scan_is_an_error_of_one_line(library):
    with (
        backends.current().scan_lock(),
        pytest.raises(CommandError, match="already being scanned") as caught,
    ):
        called()

    assert "\n" not in str(caught.value)


def test_problems_are_printed_on_standard_error_with_exit_code_1(run, library):
    library.write("a")
    descriptor = os.open(library.root, os.O_RDONLY)
    for name in ["odd \n name" + "n" * 200] * 25:
        os.mkdir(name, dir_fd=descriptor)
        below = os.open(name, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)

    ended = run()

    assert ": 1 file, 1 added, 1 not read" in ended.stdout
    assert ended.returncode == 1
    problem, error = ended.stderr.splitlines()
    assert problem.startswith("“odd \\x0a name")
    assert error.startswith("Error: Not everything could be read")

    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError, match="Not everything could be read"):
        call_command("scanlibrary", "--json", stdout=out, stderr=err)
    assert json.loads(out.getvalue())["unread"] == 1
    assert err.getvalue().startswith(problem)


def test_missing_half_of_the_library_is_an_error_until_it_is_accepted(library):
    library.write(*(f"{number}" for number in range(30)))
    called()
    for number in range(20):
        (library.root / f"{number}").unlink()

    with pytest.raises(CommandError, match="would remove 20 of 30 files") as caught:
        called()

    assert "scanlibrary --accept-removals" in str(caught.value)
    assert len(library.indexed) == 30
    assert "10 files, 20 removed" in called("--accept-removals")
    assert len(library.indexed) == 10


def test_folder_without_its_disk_is_reported_with_exit_code_1(library, tmp_path):
    library.write("a", "usb\x1b/b")
    disk = Disk(library.root / "usb\x1b", tmp_path)
    library.scan(identify=disk.identify)
    disk.unmount()

    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError, match="disks that are not mounted stay in the list"):
        call_command("scanlibrary", stdout=out, stderr=err)

    assert "1 file, 1 not reached" in out.getvalue()
    assert err.getvalue() == "“usb\\x1b”: 1 file not reached, the disk is not mounted.\n"
