"""Process trees that are forks of their owner: what others see of them, and how they end."""

import json
import os
import subprocess
import sys

import pytest

SCRIPT = """
import json, os, signal, sys, threading, time
import psutil
from jobs.processes import marks, tree
from jobs.processes.identity import start_mark
if sys.argv[1] != "no room":
    marks.reserve()
reader, writer = os.pipe()
private = os.open("/dev/null", os.O_RDONLY)

def tell(**found):
    os.write(writer, json.dumps(found).encode() + b"\\n")

def is_open(descriptor):
    try:
        return bool(os.fstat(descriptor))
    except OSError:
        return False

def life():
    print("noise")
    grandchild = os.fork()
    if grandchild == 0:
        os.setsid()
        time.sleep(600)
    tell(
        private=is_open(private), session=os.getsid(0), grandchild=grandchild,
        added=os.environ["ADDED"], stdin=os.readlink("/proc/self/fd/0"),
    )
    time.sleep(600)

def leave():
    sys.exit(3)

def end(*_):
    raise AssertionError("the handler of the owner")

signal.signal(signal.SIGTERM, end)
command = [sys.executable, "-c", f"import os; os.write({writer}, b'{{\\"executed\\": true}}\\\\n')"]
forked = tree.ProcessTree(
    "fork", command, env={"ADDED": "yes"}, quiet=True, pass_fds=[writer], main=life,
    private=[private],
)
if sys.argv[1] == "a thread":
    threading.Thread(target=threading.Event().wait, daemon=True).start()
forked.start()
found = json.loads(os.read(reader, 4096))
if "executed" not in found:
    shown = psutil.Process(forked.pid)
    found |= {
        "pid": forked.pid, "private_here": is_open(private), "command": shown.cmdline(),
        "marked": sorted(each.pid for each in tree.find_marked(tree.MARK, forked._mark)),
        "environ": sorted(shown.environ()), "own": sorted(os.environ),
    }
    forked.terminate()
    deadline = time.monotonic() + 20
    while forked.is_running and time.monotonic() < deadline:
        time.sleep(0.01)
    found["exit"] = forked.exit_code
    found["remaining"] = forked.kill(grace_seconds=0)
    found["grandchild_lives"] = start_mark(found["grandchild"]) is not None
    left = tree.ProcessTree("fork", command, main=leave)
    left.start()
    while left.is_running and time.monotonic() < deadline:
        time.sleep(0.01)
    found["left"] = left.exit_code
print(json.dumps(found))
"""


def found(case):
    """What the script with this argument has found."""
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, case],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def fork():
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux shows the memory of a process")
    return found("a fork")


def test_mark_finds_the_fork_and_its_descendants_and_not_its_owner(fork):
    assert fork["marked"] == sorted([fork["pid"], fork["grandchild"]])
    assert fork["environ"] == [name for name in fork["own"] if name != "ADDED"]


def test_fork_shows_the_command_that_it_stands_for(fork):
    assert fork["command"][1:2] == ["-c"]
    assert "import os" in fork["command"][2]


def test_fork_has_a_session_and_an_environment_of_its_own(fork):
    assert fork["session"] == fork["pid"]
    assert fork["added"] == "yes"
    assert fork["stdin"] == "/dev/null"


def test_fork_closes_private_descriptors_and_its_owner_keeps_them(fork):
    assert not fork["private"]
    assert fork["private_here"]


def test_fork_ends_on_sigterm_although_its_owner_handles_it(fork):
    assert fork["exit"] == -15


def test_kill_ends_what_a_fork_has_forked(fork):
    assert fork["remaining"] == 0
    assert not fork["grandchild_lives"]


def test_exit_code_of_a_fork_is_that_of_its_function(fork):
    assert fork["left"] == 3


@pytest.mark.parametrize("case", ["no room", "a thread"])
def test_command_is_executed_where_a_fork_is_not_possible(case):
    assert found(case) == {"executed": True}
