"""Runs a program so that nothing of it outlives the item: not even the children of its children.

The program gets a small parent of its own, the holder, which leads a process group. When
the worker dies, however it dies, the kernel tells the holder, and the holder kills the
group. A program started directly could only be killed itself.
"""

import ctypes
import errno
import os
import selectors
import signal
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NoReturn

_PR_SET_PDEATHSIG = 1
_READ_BYTES = 64 * 1024
_TAIL_BYTES = 4 * 1024
_REPORT = struct.Struct("ii")  # exit code as subprocess has it, errno of a failed start


@dataclass(slots=True)
class Finished:
    """How it went: `code` is negative for a signal, None if it printed too much and was killed.

    `error` is the errno if the program could not be started. `tails` are the last
    kilobytes of standard output and standard error.
    """

    code: int | None = None
    error: int = 0
    printed: int = 0
    tails: list[bytes] = field(default_factory=lambda: [b"", b""])


def run(
    arguments: list[str], *, environment: dict[str, str], folder: str, most_bytes: int
) -> Finished:
    """Run to its end; what it leaves running is killed. Blocks without a limit of its own.

    Standard input is empty. Printing more than `most_bytes` (0: no limit) ends it.
    """
    outputs = [os.pipe(), os.pipe()]
    report = os.pipe()
    worker = os.getpid()
    holder = os.fork()
    if holder == 0:
        _hold(worker, arguments, environment, folder, [end for _, end in outputs], report[1])
    finished = Finished()
    try:
        for _, end in (*outputs, report):
            os.close(end)
        _follow(finished, [end for end, _ in outputs], report[0], most_bytes)
    finally:
        with suppress(ProcessLookupError):
            os.kill(holder, signal.SIGTERM)
        os.waitpid(holder, 0)
        for number, (end, _) in enumerate(outputs):
            while finished.code is not None and _take(finished, end, number):
                pass
            os.close(end)
        os.close(report[0])
    return finished


def _follow(finished: Finished, outputs: list[int], report: int, most_bytes: int) -> None:
    """Read until the holder reports the end."""
    with selectors.DefaultSelector() as selector:
        for number, end in enumerate(outputs):
            os.set_blocking(end, False)
            selector.register(end, selectors.EVENT_READ, number)
        selector.register(report, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.data is not None and not _take(finished, key.fd, key.data):
                    selector.unregister(key.fd)
                if key.data is None:
                    told = os.read(report, _REPORT.size)
                    finished.code, finished.error = _REPORT.unpack(told) if told else (-9, 0)
            if most_bytes and finished.printed > most_bytes:
                finished.code = None
                return
            if finished.code is not None:
                return


def _take(finished: Finished, end: int, number: int) -> bool:
    """Read some output; False when there is no more for now."""
    try:
        data = os.read(end, _READ_BYTES)
    except BlockingIOError:
        return False
    finished.printed += len(data)
    finished.tails[number] = (finished.tails[number] + data)[-_TAIL_BYTES:]
    return bool(data)


def _hold(
    worker: int,
    arguments: list[str],
    environment: dict[str, str],
    folder: str,
    outputs: list[int],
    report: int,
) -> NoReturn:
    """The holder's life. It was forked and must end here whatever happens."""
    try:
        os.setsid()
    except OSError:
        os._exit(os.EX_OSERR)  # never the group of the worker
    try:
        signal.signal(signal.SIGTERM, _kill_group)
        if sys.platform.startswith("linux"):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() == worker:
            os.write(report, _REPORT.pack(*_run(arguments, environment, folder, outputs)))
    finally:
        _kill_group()
    os._exit(os.EX_OK)


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
            setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGHUP],
        )
    except OSError as error:
        return 0, error.errno or errno.EIO
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), 0


def _kill_group(*_: object) -> None:
    os.killpg(0, signal.SIGKILL)
