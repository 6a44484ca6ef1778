"""Operations for tests. Each item's start and end goes into the journal.

Keys of the operations with own items are `<number> <behaviour>`, see `behaviours`.
"""

import time
from collections.abc import Iterator
from typing import Any

from django import forms

from jobs.operations import Item, Operation, Result, register
from tests.testapp import journal
from tests.testapp.behaviours import BEHAVIOURS, sleep, wait


class Script(forms.Form):
    """`count` items that are ok; `script` puts others among them: {"3": "segfault"}.

    The job cannot end before the test wants it to: items from number `hold` on wait for that.
    """

    count = forms.IntegerField(min_value=0, initial=10)
    seconds = forms.FloatField(min_value=0, initial=0)
    hold = forms.IntegerField(required=False, min_value=0)
    script = forms.JSONField(required=False, initial=dict)


class Scripted(Operation):
    """Base: sleeps for `seconds`, then behaves as the key says."""

    Parameters = Script

    def process(self, item: Item, parameters: dict[str, Any]) -> Any:
        with journal.written(item):
            if parameters["seconds"]:
                time.sleep(parameters["seconds"])
            number, _, behaviour = item.key.partition(" ")
            if parameters["hold"] is not None and int(number) >= parameters["hold"]:
                wait(item)
            return BEHAVIOURS[behaviour](item)

    def items(self, parameters: dict[str, Any]) -> Iterator[str]:
        script = parameters["script"] or {}
        for number in range(parameters["count"]):
            yield f"{number} {script.get(str(number), 'ok')}"


@register
class Act(Scripted):
    name = "act"
    label = "Act"


@register
class ActInStep(Scripted):
    """All workers finish an item, and start the next, at the multiples of `seconds`."""

    name = "act-in-step"
    label = "Act in step"

    def process(self, item: Item, parameters: dict[str, Any]) -> Any:
        step = parameters["seconds"]
        return super().process(item, parameters | {"seconds": step - time.monotonic() % step})


@register
class ActOnce(Scripted):
    name = "act-once"
    attempts = 1


@register
class ActAgain(Scripted):
    name = "act-again"
    attempts = 10


@register
class ActQuickly(Scripted):
    name = "act-quickly"
    timeout = 1.0


@register
class ActAlone(Scripted):
    name = "act-alone"
    max_workers = 1


@register
class Noop(Operation):
    """Own items, nothing done, nothing written: for speed."""

    name = "noop"
    label = "Do nothing"
    Parameters = Script

    def process(self, item: Item, parameters: dict[str, Any]) -> None:
        return None

    def items(self, parameters: dict[str, Any]) -> Iterator[str]:
        return (f"{number:08}" for number in range(parameters["count"]))


class Pause(forms.Form):
    seconds = forms.FloatField(min_value=0, initial=0, help_text="How long each file takes.")


@register
class Slow(Operation):
    """Library files: sleeps until the test lets the job go, then tells the size.

    Files named *bad* fail.
    """

    name = "slow"
    label = "Slow"
    description = "Sleeps for a while at each file."
    Parameters = Pause

    def process(self, item: Item, parameters: dict[str, Any]) -> dict[str, Any]:
        with journal.written(item):
            if parameters["seconds"]:
                sleep(item, parameters["seconds"])
        if "bad" in item.key:
            raise ValueError("This file is bad")
        return {"bytes": item.path.stat().st_size}


@register
class Held(Operation):
    """Library files: each ends when the test lets the job go."""

    name = "held"
    label = "Held"

    def process(self, item: Item, parameters: dict[str, Any]) -> None:
        with journal.written(item):
            wait(item)


@register
class Remember(Operation):
    """Library files: counts in the file's memory how often it was here."""

    name = "remember"
    label = "Remember"
    remembers = True

    def process(self, item: Item, parameters: dict[str, Any]) -> Result:
        times = 1 + (item.previous or {}).get("times", 0)
        return Result(data={"times": times}, remember={"times": times})
