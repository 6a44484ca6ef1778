"""Shows the progress of a job: a bar on a terminal, plain lines elsewhere."""

import time
from typing import Protocol

from django.core.management.base import OutputWrapper
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from jobs import words
from jobs.management.output import write_json_line

LINE_SECONDS = 5.0


class View(Protocol):
    """Where progress is shown."""

    def show(self, status: words.Status) -> None: ...

    def say(self, text: str) -> None: ...

    def close(self) -> None: ...


class Lines:
    """Plain lines: when the status or notice changes, and every few seconds the numbers."""

    def __init__(self, stream: OutputWrapper, every_seconds: float = LINE_SECONDS) -> None:
        self.stream = stream
        self.every_seconds = every_seconds
        self.next_at = 0.0
        self.told: object = None
        self.text = ""

    def show(self, status: words.Status) -> None:
        now = time.monotonic()
        told = (status["status"], status["notice"], words.is_over(status))
        text = words.line(status)
        if text == self.text or (told == self.told and now < self.next_at):
            return
        self.told, self.text, self.next_at = told, text, now + self.every_seconds
        self.say(text)

    def say(self, text: str) -> None:
        self.stream.write(text, style_func=str)
        self.stream.flush()

    def close(self) -> None:
        pass


class JsonLines:
    """A status object in each line, whenever something has changed."""

    def __init__(self, stream: OutputWrapper) -> None:
        self.stream = stream
        self.told: words.Status = {}

    def show(self, status: words.Status) -> None:
        if status == self.told:
            return
        self.told = status
        write_json_line(self.stream, status)

    def say(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()

    def close(self) -> None:
        pass


class Bar:
    """A progress bar."""

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[percent]}%  {task.fields[done]}  {task.fields[more]}"),
        )
        self.progress = Progress(*columns, console=console, refresh_per_second=4)
        self.task = self.progress.add_task("", percent=0, done="", more="")
        self.progress.start()

    def show(self, status: words.Status) -> None:
        numbers = status["progress"]
        more = [f"{numbers['failed']:,} failed"] if numbers["failed"] else []
        if status["items_per_second"]:
            more.append(f"{status['items_per_second']:,.1f} files/s")
        if status["eta_seconds"] and status["status"] == "processing":
            more.append(f"{words.duration(status['eta_seconds'])} left")
        if status["status"] == "cancelled" and numbers["in_flight"]:
            more = ["Cancelling…"]
        if status["notice"]:
            more.append(status["notice"])
        self.progress.update(
            self.task,
            description=status["label"],
            completed=numbers["processed"],
            total=numbers["total"] or None,
            percent=numbers["percent"],
            done=words.done_of_total(status),
            more=", ".join(more),
        )

    def say(self, text: str) -> None:
        self.progress.console.print(text)

    def close(self) -> None:
        self.progress.stop()


def view_on(stream: OutputWrapper, console: Console | None) -> View:
    return Lines(stream) if console is None else Bar(console)
