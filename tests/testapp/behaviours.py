"""What an item can do to the process that works on it, by name."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from jobs.operations import Item, ItemFailed, Result
from tests.support.waiting import wait_until
from tests.testapp import journal


def ok(item: Item) -> None:
    """Nothing at all."""


def error(item: Item) -> None:
    raise ValueError(f"no good: {item.key}")


def warn(item: Item) -> Result:
    return Result(warning="Look at this file")


def finding(item: Item) -> None:
    raise ItemFailed("This file is broken", finding=True)


def disk_full(item: Item) -> None:
    raise OSError(28, "No space left on device", f"/somewhere/{item.key}")


def system_exit(item: Item) -> None:
    sys.exit(3)


def interrupt(item: Item) -> None:
    raise KeyboardInterrupt


def exit_at_once(item: Item) -> None:
    os._exit(7)


def kill(item: Item) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def segfault(item: Item) -> None:
    ctypes.string_at(0)


def wait(item: Item) -> None:
    """Returns when the test releases the job."""
    wait_until(_let_go_file(item).exists, seconds=120)


def sleep(item: Item, seconds: float) -> None:
    """Returns after this many seconds, or when the test releases the job."""
    with suppress(AssertionError):
        wait_until(_let_go_file(item).exists, seconds=seconds)


def _let_go_file(item: Item) -> Path:
    return journal.let_go_file(Path(os.environ[journal.VARIABLE]), item.job_id)


def loop(item: Item) -> None:
    while True:
        pass


def hang(item: Item) -> None:
    """Waits in C code and keeps the interpreter's lock: no other thread runs either."""
    ctypes.PyDLL(None).sleep(3600)


def deaf(item: Item) -> None:
    """Sleeps with all signals blocked that can be."""
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    time.sleep(3600)


def memory(item: Item) -> None:
    kept = []
    while True:
        kept.append(bytearray(16 * 1024 * 1024))


def output(item: Item) -> None:
    line = b"x" * (1024 * 1024)
    for _ in range(100):
        os.write(1, line)


def big_result(item: Item) -> dict[str, str]:
    return {"text": "x" * (100 * 1024 * 1024)}


def odd_result(item: Item) -> dict[str, object]:
    return {"it": object()}


def orphan(item: Item) -> None:
    """Starts a program that outlives the item."""
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    os._exit(7)


def daemon(item: Item) -> None:
    """Starts a program that outlives the item in a session of its own."""
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    subprocess.Popen(command, start_new_session=True)
    os._exit(7)


def child(item: Item) -> None:
    """Waits for programs that it has started, one of them in a process group of its own."""
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    programs = [subprocess.Popen(command), subprocess.Popen(command, process_group=0)]
    for program in programs:
        program.wait()


def flaky(item: Item) -> None:
    """Dies at the first try and succeeds at the second."""
    if item.attempt == 1:
        os._exit(7)


BEHAVIOURS: dict[str, Callable[[Item], object]] = {
    function.__name__: function
    for function in (
        ok, error, warn, finding, disk_full, system_exit, interrupt, exit_at_once, kill, segfault,
        wait, loop, hang, deaf, memory, output, big_result, odd_result, orphan, daemon, child,
        flaky,
    )
}  # fmt: skip
