"""An operation for the browser tests: `shout` fails every file, with its name in the message."""

from typing import Any

from jobs.operations import Item, ItemFailed, Operation, register


@register
class Shout(Operation):
    name = "shout"
    label = '<b>Shout</b> & "run"'
    description = "<i>Fails</i> each file with its name."

    def process(self, item: Item, parameters: dict[str, Any]) -> None:
        raise ItemFailed(f"<script>alert(1)</script> {item.key} <img src=x onerror=alert(2)>")
