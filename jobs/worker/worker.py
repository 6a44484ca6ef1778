"""Watches the executor of one task from django-q2's worker process.

It stops an item that exceeds its time limit or prints too much, and rescues the lease as soon as
the process has died. Its loop waits for nothing, least of all for the database: a thread sends
the heartbeats (`heartbeat`).
"""

import logging
import os
import select
import signal
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, sleep

from django.db import Error, InterfaceError, OperationalError, connections

from jobs.backends import local_leases
from jobs.cluster import shutdown
from jobs.cluster.host_tasks import WorkPeriod
from jobs.conf import conf
from jobs.lifecycle import transitions
from jobs.lifecycle.recovery import kill_process, rescue_lease
from jobs.models import Lease
from jobs.processes import clock, identity
from jobs.processes.adopted import become_subreaper, child_pids, end_adopted, sessions_of
from jobs.processes.orphans import KILL_SECONDS
from jobs.worker import executor
from jobs.worker.heartbeat import Heartbeat, wait_for_previous
from jobs.worker.journal import Journal, replay_journal
from jobs.worker.output import Output
from jobs.worker.sandbox import prepare_executor
from jobs.worker.scoreboard import Scoreboard

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.1
FIRST_POLL_SECONDS = 0.02
"""Most tasks that find no work have ended by then; the others need a heartbeat."""


@dataclass(frozen=True, slots=True)
class KillReason:
    """Why the worker killed its executor. `failure`: the item fails at once with this message."""

    reason: str
    failure: str = ""


class Worker:
    """One task: forks the executor and watches it until it has ended."""

    def __init__(self, period: WorkPeriod) -> None:
        self.period = period
        self.scoreboard = Scoreboard()
        self.journal = Journal()
        self.output = Output()
        self.me = identity.current()
        self.stop_requested = False
        self.stop_by: float | None = None
        self.suspended_since: float | None = None
        self.kill_reason: KillReason | None = None

    def run(self) -> bool:
        """Run the task to its end; False if its executor died or had to be killed."""
        connections.close_all()  # no connection may be shared by two processes
        if not wait_for_previous(conf.LEASE_SECONDS):
            logger.warning("The database does not answer; the worker starts no executor")
            return False
        clock.set_date()  # of all times in the lease, in this process and in the executor
        self.heartbeat = Heartbeat(self.scoreboard)  # before any lease is acquired: see `is_stale`
        cluster_pid = os.getppid()
        become_subreaper()
        own = child_pids()
        # Of tasks of the host, which may start more programs while the executor runs.
        sessions = sessions_of(own)
        pid = os.fork()
        if pid == 0:
            self._become_executor(cluster_pid)
        self.child = identity.current(pid)
        self.output.watch()
        previous = signal.signal(signal.SIGTERM, self._on_sigterm)
        try:
            status = self._watch(pid)
            # Programs of operations that have daemonised themselves, before an item is tried again.
            end_adopted(own, seconds=KILL_SECONDS, spared_sessions=sessions)
        finally:
            signal.signal(signal.SIGTERM, previous)
            self.output.close()
            self.heartbeat.end()
        code = os.waitstatus_to_exitcode(status)
        if code not in (os.EX_OK, executor.EXIT_DATABASE) or self.kill_reason:
            reason = self.kill_reason.reason if self.kill_reason else _cause_of_death(code)
            logger.warning("the task of worker %s was cut short: %s", self.me.pid, reason)
        self._clean_up(code)
        return code == os.EX_OK

    def _become_executor(self, cluster_pid: int) -> None:
        code = 1
        try:
            self.output.capture()
            prepare_executor(self.me.pid)
            code = executor.main(self.scoreboard, self.journal, self.me, cluster_pid)
        except BaseException:
            logger.exception("The executor failed")
        finally:
            os._exit(code)

    def _on_sigterm(self, *_: object) -> None:
        self.stop_requested = True

    def _watch(self, pid: int) -> int:
        """Watch until the child has ended; returns its wait status."""
        wakeups: list[Output | int] = [self.output]
        pidfd = _pidfd(pid)
        if pidfd is not None:
            wakeups.append(pidfd)
        timeout = FIRST_POLL_SECONDS
        try:
            while True:
                ready, _, _ = select.select(wakeups, [], [], timeout)
                timeout = POLL_SECONDS
                has_ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                # Read after that, so that its last words are not lost.
                if has_ended or self.output in ready:
                    self._drain(wakeups)
                if has_ended:
                    # Not reaped yet, so its process group is still its own.
                    with suppress(ProcessLookupError):
                        os.killpg(pid, signal.SIGKILL)  # programs left behind by an item
                    return os.waitpid(pid, 0)[1]
                if self.kill_reason is None:
                    self._enforce_limits()
        finally:
            if pidfd is not None:
                os.close(pidfd)

    def _drain(self, wakeups: "list[Output | int]") -> None:
        if not self.output.drain(self.scoreboard.items) and self.output in wakeups:
            wakeups.remove(self.output)  # at its end a pipe is always readable

    def _enforce_limits(self) -> None:
        """Stop or kill the child if it must not continue."""
        now = monotonic()
        self.heartbeat.start()
        if (limit := self.scoreboard.overrun) is not None:
            text = f"Took longer than {limit:g} seconds, the limit of this operation"
            self._kill(text, failure=f"{text}, and was stopped")
            return
        most = conf.MAX_OUTPUT_MB
        if most and self.output.item_bytes > most * 1024 * 1024:
            text = f"Printed more than {most} MB, the limit for one file"
            self._kill(text, failure=f"{text}, and was stopped")
            return
        if self.stop_requested or shutdown.requested():
            self.scoreboard.request_stop()
            self.stop_by = self.stop_by or now + conf.SHUTDOWN_SECONDS
            if now > self.stop_by:
                self._kill("the cluster was stopped")
                return
        elif self.period.is_finished() or (self.scoreboard.is_idle and self.period.is_behind):
            self.scoreboard.request_yield()
        if self.child.is_stopped:
            self.suspended_since = self.suspended_since or now
            if now - self.suspended_since > conf.LEASE_SECONDS:
                self._kill("its process was suspended for too long")
                return
        else:
            self.suspended_since = None
        reason = self.heartbeat.kill_reason
        if reason is not None and reason[0] == self.scoreboard.held:
            self._kill(reason[1])
        elif self.heartbeat.is_stale:
            # Others will presume us dead soon. Our item must not run any more by then.
            self._kill("the database could not be reached")

    def _kill(self, reason: str, failure: str = "") -> None:
        self.kill_reason = KillReason(reason, failure)
        kill_process(self.child)

    def _clean_up(self, code: int) -> None:
        """Rescue the lease that the child still holds, if any; waits for the database a while."""
        deadline = monotonic() + conf.LEASE_SECONDS
        while (held := self.scoreboard.held) is not None:
            try:
                self._rescue(held, code)
            except Error as error:
                logger.warning("The lease of a dead executor could not be released yet: %s", error)
                connections.close_all()
                if monotonic() > deadline:
                    return  # a sweep finds it
                sleep(POLL_SECONDS)
            else:
                return

    def _rescue(self, held: tuple[int, int], code: int) -> None:
        rows = Lease.objects.filter(pk=held[0], token=held[1]).select_related("job")
        found = local_leases(rows)
        if not found:
            return
        lease = found[0]
        try:
            replay_journal(self.journal, lease)
        except (OperationalError, InterfaceError):
            raise  # the database does not answer: the caller tries again
        except Error:
            logger.exception("The last batch of a dead executor cannot be written; it is repeated")
        kill = self.kill_reason
        if kill is None:
            no_blame = code == executor.EXIT_DATABASE
            rescue_lease(lease, reason=_cause_of_death(code), count_attempt=not no_blame)
        else:
            failure = kill.failure
            rescue_lease(lease, reason=kill.reason, count_attempt=bool(failure), failure=failure)
        transitions.complete_if_done(lease.job_id)


def _pidfd(pid: int) -> int | None:
    """A descriptor that becomes readable when the process ends (Linux only)."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None


def _cause_of_death(code: int) -> str:
    if code == -signal.SIGKILL:
        return "it was killed, perhaps because the machine ran out of memory"
    if code < 0:
        return f"it crashed ({signal.Signals(-code).name})"
    return f"it exited with code {code}"
