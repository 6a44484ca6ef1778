"""Runs a program so that none of its descendants outlives the item.

The program gets a small parent of its own. When the worker dies, however it dies, the kernel
signals that parent, and the parent kills the program's process group. On Linux the parent also
gets each descendant as a child whose own parent ends, so it kills those that have daemonised
themselves. Only the death of the parent itself, by SIGKILL, lets one of those escape.
"""

import errno
import os
import selectors
import signal
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import NoReturn

from jobs.processes.adopted import become_subreaper, end_adopted
from jobs.processes.confined import confine
from jobs.processes.parent_death import die_with_parent

_READ_BYTES = 64 * 1024
TAIL_BYTES = 4 * 1024
_KILL_SECONDS = 5.0
_REPORT = struct.Struct("ii")  # exit code as subprocess has it, errno of a failed start


@dataclass(slots=True)
class ProgramResult:
    """How a program ended and what it printed.

    exit_code     negative for a signal; None if it printed too much and was killed
    start_errno   the errno if the program could not be started, else 0
    output_bytes  what it printed to standard output and standard error together
    tails         the last kilobytes of standard output and of standard error
    """

    exit_code: int | None = None
    start_errno: int = 0
    output_bytes: int = 0
    tails: list[bytes] = field(default_factory=lambda: [b"", b""])


def run_contained(
    arguments: list[str], *, environment: dict[str, str], folder: str, max_output_bytes: int
) -> ProgramResult:
    """Run a program in `folder` to its end, then kill what it has left running.

    It cannot read the environment or memory of other processes (see `confine`), which may hold
    secrets. Blocks without a time limit. Standard input is empty. A program that prints more than
    `max_output_bytes` is killed; 0 means no limit.
    """
    outputs = [os.pipe(), os.pipe()]
    report = os.pipe()
    worker_pid = os.getpid()
    parent_pid = os.fork()
    if parent_pid == 0:
        writers = [end for _, end in outputs]
        _parent(worker_pid, report[1], partial(_run, arguments, environment, folder, writers))
    result = ProgramResult()
    try:
        for _, end in (*outputs, report):
            os.close(end)
        _follow(result, [end for end, _ in outputs], report[0], max_output_bytes)
    finally:
        with suppress(ProcessLookupError):
            os.kill(parent_pid, signal.SIGTERM)
        os.waitpid(parent_pid, 0)
        for number, (end, _) in enumerate(outputs):
            while result.exit_code is not None and _read(result, end, number):
                pass
            os.close(end)
        os.close(report[0])
    return result


def _follow(result: ProgramResult, outputs: list[int], report: int, max_output_bytes: int) -> None:
    """Read the outputs until the parent reports the end or the limit is passed."""
    with selectors.DefaultSelector() as selector:
        for number, end in enumerate(outputs):
            os.set_blocking(end, False)
            selector.register(end, selectors.EVENT_READ, number)
        selector.register(report, selectors.EVENT_READ)
        while result.exit_code is None:
            for key, _ in selector.select():
                if key.data is None:
                    packed = os.read(report, _REPORT.size) or _REPORT.pack(-signal.SIGKILL, 0)
                    result.exit_code, result.start_errno = _REPORT.unpack(packed)
                elif not _read(result, key.fd, key.data):
                    selector.unregister(key.fd)
            if max_output_bytes and result.output_bytes > max_output_bytes:
                result.exit_code = None
                return


def _read(result: ProgramResult, end: int, number: int) -> bool:
    """Read some output. Return False when there is none at the moment."""
    try:
        data = os.read(end, _READ_BYTES)
    except BlockingIOError:
        return False
    result.output_bytes += len(data)
    result.tails[number] = (result.tails[number] + data)[-TAIL_BYTES:]
    return bool(data)


def _parent(worker_pid: int, report: int, run: Callable[[], tuple[int, int]]) -> NoReturn:
    """The life of the program's parent. It was forked, so it must end here in every case."""
    try:
        os.setsid()
    except OSError:
        os._exit(os.EX_OSERR)  # it would share a terminal with the worker
    try:
        become_subreaper()
        signal.signal(signal.SIGTERM, _end_family)
        die_with_parent(signal.SIGTERM, worker_pid)
        confine()
        os.write(report, _REPORT.pack(*run()))
    finally:
        _end_family()


def _run(
    arguments: list[str], environment: dict[str, str], folder: str, outputs: list[int]
) -> tuple[int, int]:
    try:
        os.chdir(folder)
        pid = os.posix_spawnp(
            arguments[0],
            arguments,
            environment,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, outputs[0], 1),
                (os.POSIX_SPAWN_DUP2, outputs[1], 2),
            ],
            setpgroup=0,
            setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGHUP],
        )
    except OSError as error:
        return 0, error.errno or errno.EIO
    # Not reaped before its group is killed, so that no other group has its number by then.
    while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)) and ended.si_pid != pid:
        os.waitpid(ended.si_pid, 0)  # a daemon of the program
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0


def _end_family(*_: object) -> NoReturn:
    """Kill all descendants, and end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end_adopted(seconds=_KILL_SECONDS)
    os._exit(os.EX_OK)
