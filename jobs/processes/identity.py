"""Identifies processes. A reused pid or a jump of the clock does not confuse two of them."""

import functools
import os
import socket
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """One process of one machine. `started` counts clock ticks since the machine's boot."""

    machine: str
    pid: int
    started: float

    @property
    def is_local(self) -> bool:
        """True if the process belongs to this machine, so that its pid can be looked up here."""
        return self.machine == machine_id()

    @property
    def is_dead(self) -> bool:
        """True only if the process has certainly ended. A zombie has ended."""
        return self.is_local and start_mark(self.pid) != self.started

    @property
    def is_replaced(self) -> bool:
        """True if another process of this machine has the pid now, even as a zombie."""
        return self.is_local and _stat(self.pid)[1] not in (None, self.started)

    @property
    def is_stopped(self) -> bool:
        """True if SIGSTOP or a debugger holds the process."""
        return self.is_local and _stat(self.pid) in (("T", self.started), ("t", self.started))


@functools.cache
def machine_id() -> str:
    """Return a name of this boot of this machine and of its pid namespace.

    Containers may share a host name and reuse pids; boot id and namespace differ between them.
    Systems other than Linux are named by host name and boot time.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return f"{socket.gethostname()}/{psutil.boot_time():.0f}"


def current(pid: int | None = None) -> ProcessIdentity:
    """Return the identity of a live local process, by default of this one."""
    pid = os.getpid() if pid is None else pid
    return ProcessIdentity(machine_id(), pid, start_mark(pid) or 0.0)


def start_mark(pid: int) -> float | None:
    """Return the start time, which no clock change moves; None if the process has ended."""
    state, started = _stat(pid)
    return None if state in ("Z", "X") else started


def _stat(pid: int) -> tuple[str, float | None]:
    """Return state and start time, also of a zombie; "X" and None without a process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return ("X", None) if Path("/proc/self/stat").exists() else _portable_stat(pid)
    fields = text[text.rindex(")") + 2 :].split()  # the name in brackets is free text
    return fields[0], float(fields[19])


def _portable_stat(pid: int) -> tuple[str, float | None]:
    states = {psutil.STATUS_ZOMBIE: "Z", psutil.STATUS_STOPPED: "T"}
    try:
        process = psutil.Process(pid)
        return states.get(process.status(), "R"), process.create_time()
    except psutil.Error:
        return "X", None
