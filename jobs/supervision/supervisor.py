"""The loop that keeps programs running until someone asks to stop, and then ends them all."""

import time
from collections.abc import Callable, Sequence

from jobs.supervision.keeper import Keeper, Report
from jobs.supervision.stop_request import StopRequest

STEP_SECONDS = 0.1


def keep_running(keepers: Sequence[Keeper], request: StopRequest) -> None:
    """Returns when somebody asks to stop."""
    while not request:
        for keeper in keepers:
            keeper.step()
        time.sleep(STEP_SECONDS)


def end_all(
    keepers: Sequence[Keeper],
    request: StopRequest,
    *,
    stop_seconds: float,
    report: Report,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Asks all to stop, waits at most `stop_seconds`, kills what is left.

    A second request to stop ends the wait. Returns whether no process is left; that is known
    at most 5 seconds a program after the wait.
    """
    deadline = clock() + stop_seconds
    asked = request.times
    for keeper in keepers:
        keeper.ask_to_stop()
    while any(keeper.group.is_running for keeper in keepers):
        if clock() >= deadline or request.times > asked:
            late = ", ".join(keeper.group.name for keeper in keepers if keeper.group.is_running)
            report(f"Killing what has not stopped yet: {late}.")
            break
        time.sleep(STEP_SECONDS)
    in_time = all(not keeper.group.is_running for keeper in keepers)
    left = sum(keeper.group.end(grace_seconds=2.0 if in_time else 0.0) for keeper in keepers)
    if left:
        report(f"{left} processes could not be ended; they wait for a disk or a device.")
    return left == 0
