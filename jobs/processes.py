"""Which process is this, and does that one still live? Safe against reused pids and clock jumps."""

import functools
import os
import socket
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """One process of one machine. `started` is in the machine's own clock ticks since boot."""

    machine: str
    pid: int
    started: float

    @property
    def is_local(self) -> bool:
        """Whether a pid of this identity can be looked up from here."""
        return self.machine == machine_id()

    @property
    def is_gone(self) -> bool:
        """True only if it is certain that the process has ended; a zombie has ended."""
        return self.is_local and start_mark(self.pid) != self.started

    @property
    def is_replaced(self) -> bool:
        """Whether another process of this machine has its pid now, be that a zombie."""
        return self.is_local and _born(self.pid) not in (None, self.started)

    @property
    def is_stopped(self) -> bool:
        """Whether the process is held by SIGSTOP or a debugger."""
        return self.is_local and not self.is_gone and _state(self.pid) in ("T", "t")


@functools.cache
def machine_id() -> str:
    """Names this boot of this machine and its pid namespace.

    Containers may share a host name and reuse pids; boot id and namespace tell them apart.
    Elsewhere than on Linux the host name and boot time have to do.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return f"{socket.gethostname()}/{psutil.boot_time():.0f}"


def current(pid: int | None = None) -> ProcessIdentity:
    """The identity of a live local process, by default this one."""
    pid = os.getpid() if pid is None else pid
    return ProcessIdentity(machine_id(), pid, start_mark(pid) or 0.0)


def start_mark(pid: int) -> float | None:
    """When the process started, in a number that no clock change moves; None if it has ended."""
    fields = _stat_fields(pid)
    if fields is None:
        return None if Path("/proc/self/stat").exists() else _portable_start(pid)
    return None if fields[0] in ("Z", "X") else float(fields[19])


def _born(pid: int) -> float | None:
    """As `start_mark`, but for a zombie, too."""
    fields = _stat_fields(pid)
    if fields is not None:
        return float(fields[19])
    return None if Path("/proc/self/stat").exists() else _portable_start(pid)


def _state(pid: int) -> str:
    fields = _stat_fields(pid)
    return fields[0] if fields else ""


def _stat_fields(pid: int) -> list[str] | None:
    """The fields of /proc/<pid>/stat from the state on: the name before may hold anything."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    return text[text.rindex(")") + 2 :].split()


def _portable_start(pid: int) -> float | None:
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return process.create_time()
    except psutil.Error:
        return None
