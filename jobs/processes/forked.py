"""A child that runs a function of this program: it needs no imports, and shares its memory."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

from jobs.processes.parent_death import die_with_parent

logger = logging.getLogger(__name__)

_SIGNALS: dict[signal.Signals, Any] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
    signal.SIGHUP: signal.SIG_DFL,
}
"""What a program of Python begins with."""
_POLL_SECONDS = 0.02


def can_fork() -> bool:
    """Return True if this process has one thread: others may hold locks that a child waits for.

    Those of libraries count, which Python does not know. False on other systems than Linux.
    """
    return sys.platform.startswith("linux") and len(os.listdir("/proc/self/task")) == 1


class ForkedProcess:
    """As much of `subprocess.Popen` as the owner of such a child needs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                pid, status = self.pid, 0  # reaped by other code
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """The exit code. Raises subprocess.TimeoutExpired."""
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(_POLL_SECONDS)
        return code

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def fork(
    main: Callable[[], object],
    *,
    prepare: Callable[[], None],
    quiet: bool = False,
    close: Iterable[int] = (),
) -> ForkedProcess:
    """Run `main` in a child with a session of its own, which gets SIGTERM when this process dies.

    `prepare` runs first. `quiet` discards standard output; the descriptors `close` are closed.
    Raises OSError when the process cannot be created. Only where `can_fork`.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    parent = os.getpid()
    # A signal for the child that comes before its own handlers are set must not get lost.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        pid = os.fork()
        if pid == 0:
            _run(parent, mask, main, prepare, quiet, tuple(close))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    return ForkedProcess(pid)


def _run(
    parent: int,
    mask: Iterable[int],
    main: Callable[[], object],
    prepare: Callable[[], None],
    quiet: bool,
    close: Sequence[int],
) -> None:
    code = 1
    try:
        os.setsid()
        for number, default in _SIGNALS.items():
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, default)
        for descriptor in close:
            os.close(descriptor)
        _discard(0, os.O_RDONLY)
        if quiet:
            _discard(1, os.O_WRONLY)
        prepare()
        die_with_parent(signal.SIGTERM, parent)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        main()
        code = os.EX_OK
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        logger.exception("A process has failed")
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


def _discard(descriptor: int, flags: int) -> None:
    null = os.open(os.devnull, flags)
    os.dup2(null, descriptor)
    os.close(null)
