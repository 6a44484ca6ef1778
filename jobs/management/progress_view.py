"""Shows the progress of a job: a bar on a terminal, plain or JSON lines elsewhere."""

import time
from typing import Any

from django.core.management.base import OutputWrapper
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from jobs.management.output import one_line, write_json
from jobs.progress import Status, humanize

LINE_SECONDS = 5.0


class PlainView:
    """Shows the status objects of one job on a stream, in lines.

    Writes one when the status or notice changes, and changed numbers every LINE_SECONDS.
    """

    _next_at = 0.0
    _state: object = None
    _line = ""

    def __init__(self, stream: OutputWrapper) -> None:
        self.stream = stream

    def show(self, status: Status) -> None:
        now = time.monotonic()
        state = (status.status, status.notice, humanize.is_settled(status))
        line = one_line(humanize.progress_line(status))
        if line == self._line or (state == self._state and now < self._next_at):
            return
        self._state, self._line, self._next_at = state, line, now + LINE_SECONDS
        self.write(line)

    def write(self, text: str) -> None:
        """Write one line, and flush."""
        self.stream.write(text, style_func=str)
        self.stream.flush()

    def close(self) -> None:
        """Give the terminal back. Safe to repeat."""


class JSONLinesView(PlainView):
    """Writes each changed status object in one line."""

    def show(self, status: Status) -> None:
        if status != self._state:
            self._state = status
            write_json(self.stream, status, indent=None)


class BarView(PlainView):
    """Draws a progress bar."""

    def __init__(self, stream: OutputWrapper, console: Console) -> None:
        super().__init__(stream)
        self._bar = progress_bar(console)
        self._task = self._bar.add_task("", text="")
        self._bar.start()

    def show(self, status: Status) -> None:
        progress, text = status.progress, one_line(humanize.progress_line(status))
        if status.status == "processing" and status.eta_seconds:
            text += f", {humanize.duration(status.eta_seconds)} left"
        self._bar.update(
            self._task,
            description=one_line(status.label),
            completed=progress.processed,
            total=progress.total or None,
            text=text,
        )

    def write(self, text: str) -> None:
        self._bar.console.print(text)

    def close(self) -> None:
        self._bar.stop()


def progress_bar(console: Console, **options: Any) -> Progress:
    """Return a rich bar; its tasks have a description before it and a field `text` after it."""
    before = TextColumn("{task.description}", markup=False)
    after = TextColumn("{task.fields[text]}", markup=False)
    return Progress(before, BarColumn(), after, console=console, refresh_per_second=4, **options)


def view_on(stream: OutputWrapper, console: Console | None) -> PlainView:
    return PlainView(stream) if console is None else BarView(stream, console)
