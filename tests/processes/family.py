"""Processes whose parents end, for tests in a process of their own."""

import os
import time
import traceback

import psutil

from jobs.processes.adopted import become_subreaper


def in_subreaper(check):
    """Run a check in a process of its own, which is a subreaper."""
    pid = os.fork()
    if not pid:
        code = 1
        try:
            become_subreaper()
            check()
            code = 0
        except Exception:  # noqa: BLE001  (shown, and the exit code tells)
            traceback.print_exc()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def forked(life):
    """Fork a child that lives this and exits with 7; its pid."""
    pid = os.fork()
    if not pid:
        try:
            life()
        finally:
            os._exit(7)
    return pid


def orphan(seconds):
    """Start a process of another session whose parent ends at once."""

    def parent():
        os.setsid()
        forked(lambda: time.sleep(seconds))

    os.waitpid(forked(parent), 0)


def zombies():
    """The pids of this process's children that have ended and were not reaped."""
    children = psutil.Process().children()
    return [child.pid for child in children if child.status() == psutil.STATUS_ZOMBIE]
