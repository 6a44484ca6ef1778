"""Watches the executor of one session from django-q2's worker process.

It stops an item that overruns its limit or prints without end, and gives an item back the
moment its process has died. While it looks it waits for nothing, least of all for the
database; that the worker lives is shown by a thread (`pulse`).
"""

import logging
import os
import select
import signal
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, sleep

from django.db import Error, InterfaceError, OperationalError, connections

from jobs import conf, processes
from jobs.models import Job, Lease
from jobs.recovery import end_process, return_lease
from jobs.runner import executor, stopping
from jobs.runner.board import Board
from jobs.runner.journal import Journal, write_journal
from jobs.runner.output import Output
from jobs.runner.pulse import Pulse, wait_for_last
from jobs.runner.sandbox import prepare_child

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Killing:
    """Why the warden ended its executor. `final`: the item fails at once with this message."""

    reason: str
    final: str = ""


class Warden:
    """One session: forks the executor and looks after it until it has ended."""

    def __init__(self) -> None:
        self.board = Board()
        self.journal = Journal()
        self.output = Output()
        self.me = processes.current()
        self.asked_to_stop = False
        self.stop_by: float | None = None
        self.held_up_since: float | None = None
        self.killing: Killing | None = None

    def run(self) -> bool:
        """Run the session to its end; False if its process died or had to be killed."""
        connections.close_all()  # no connection may be shared by two processes
        if not wait_for_last(conf.get("LEASE_SECONDS")):
            logger.warning("The database does not answer; the worker begins no session")
            return False
        self.pulse = Pulse(self.board)  # before the executor can take a place: see `is_silent`
        cluster_pid = os.getppid()
        pid = os.fork()
        if pid == 0:
            self._become_executor(cluster_pid)
        self.child = processes.current(pid)
        self.output.watch()
        usual = signal.signal(signal.SIGTERM, self._on_sigterm)
        try:
            status = self._watch(pid)
        finally:
            signal.signal(signal.SIGTERM, usual)
            self.output.close()
            self.pulse.end()
        code = os.waitstatus_to_exitcode(status)
        if code not in (os.EX_OK, executor.EXIT_DATABASE) or self.killing:
            reason = self.killing.reason if self.killing else _cause_of_death(code)
            logger.warning("the session of worker %s was cut short: %s", self.me.pid, reason)
        self._clean_up(code)
        return code == os.EX_OK

    def _become_executor(self, cluster_pid: int) -> None:
        code = 1
        try:
            self.output.capture()
            prepare_child(self.me.pid)
            code = executor.main(self.board, self.journal, self.me, cluster_pid)
        except BaseException:
            logger.exception("The session failed")
        finally:
            os._exit(code)

    def _on_sigterm(self, *_: object) -> None:
        self.asked_to_stop = True

    def _watch(self, pid: int) -> int:
        """Look around until the child has ended; its wait status."""
        wakers: list[Output | int] = [self.output]
        pidfd = _pidfd(pid)
        if pidfd is not None:
            wakers.append(pidfd)
        try:
            while True:
                ready, _, _ = select.select(wakers, [], [], LOOK_SECONDS)
                has_ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                # Read after that, so that its last words are not lost.
                if has_ended or self.output in ready:
                    self._drain(wakers)
                if has_ended:
                    # Not reaped yet, so its process group is still its own.
                    with suppress(ProcessLookupError):
                        os.killpg(pid, signal.SIGKILL)  # programs that an item has left behind
                    return os.waitpid(pid, 0)[1]
                if self.killing is None:
                    self._judge()
        finally:
            if pidfd is not None:
                os.close(pidfd)

    def _drain(self, wakers: "list[Output | int]") -> None:
        if not self.output.drain(self.board.items) and self.output in wakers:
            wakers.remove(self.output)  # at its end a pipe is always readable

    def _judge(self) -> None:
        """Whether the child may go on."""
        now = monotonic()
        # Not before: most sessions that find nothing to do are over by now.
        self.pulse.start()
        if (limit := self.board.overrun) is not None:
            text = f"Took longer than {limit:g} seconds, the limit of this operation"
            self._kill(text, final=f"{text}, and was stopped")
            return
        most = conf.get("OUTPUT_MB")
        if most and self.output.item_bytes > most * 1024 * 1024:
            text = f"Printed more than {most} MB, the limit for one file"
            self._kill(text, final=f"{text}, and was stopped")
            return
        if self.asked_to_stop or stopping.requested():
            self.board.stop()
            self.stop_by = self.stop_by or now + conf.get("STOP_SECONDS")
            if now > self.stop_by:
                self._kill("the cluster was stopped")
                return
        if self.child.is_stopped:
            self.held_up_since = self.held_up_since or now
            if now - self.held_up_since > conf.get("LEASE_SECONDS"):
                self._kill("its process was held up for too long")
                return
        else:
            self.held_up_since = None
        condemned = self.pulse.condemned
        if condemned is not None and condemned[0] == self.board.held:
            self._kill(condemned[1])
        elif self.pulse.is_silent:
            # Others will take us for dead soon: then nobody else may run our item yet.
            self._kill("the database could not be reached")

    def _kill(self, reason: str, final: str = "") -> None:
        self.killing = Killing(reason, final)
        end_process(self.child)

    def _clean_up(self, code: int) -> None:
        """Give back what the child still holds, if anything; waits for the database a while."""
        give_up_at = monotonic() + conf.get("LEASE_SECONDS")
        while (held := self.board.held) is not None:
            try:
                self._give_back(held, code)
            except Error as error:
                logger.warning("What a worker held could not be given back yet: %s", error)
                connections.close_all()
                if monotonic() > give_up_at:
                    return  # a sweep finds it
                sleep(LOOK_SECONDS)
            else:
                return

    def _give_back(self, held: tuple[int, int], code: int) -> None:
        found = Lease.objects.filter(pk=held[0], token=held[1]).select_related("job").live()
        if not found:
            return
        lease = found[0]
        try:
            write_journal(self.journal, lease)
        except (OperationalError, InterfaceError):
            raise  # the database is away: the same is tried again
        except Error:
            logger.exception("What a dead worker had done cannot be written; it is done again")
        killing = self.killing
        if killing is None:
            blameless = code == executor.EXIT_DATABASE
            return_lease(lease, reason=_cause_of_death(code), charge=not blameless)
        else:
            return_lease(
                lease, reason=killing.reason, charge=bool(killing.final), final=killing.final
            )
        Job.objects.complete_if_done(lease.job_id)


def _pidfd(pid: int) -> int | None:
    """Becomes readable when the process ends: saves waiting for the next look (Linux only)."""
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
