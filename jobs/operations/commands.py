"""Operations without Python: a command line, run for each item without a shell."""

import os
import signal
from string import Formatter
from typing import Any

from jobs import conf
from jobs.operations import leash
from jobs.operations.base import Operation
from jobs.operations.item import Item
from jobs.operations.outcome import ItemFailed

PLACEHOLDERS = ("path", "key", "name", "output_dir")
# Programs of other people have no business with these.
_SECRETS = frozenset({"ADMIN_PASSWORD", "DATABASE_URL", "DJANGO_SECRET_KEY", "REDIS_URL"})


class Command(Operation):
    """Exit code 0 succeeds; anything else fails the item with the end of its standard error."""

    def __init__(self, name: str, command: list[str], options: dict[str, Any]) -> None:
        """`options` are attributes of Operation. Raises ValueError for a bad placeholder."""
        self.name = name
        self.command = [split(argument) for argument in command]
        for option, value in options.items():
            setattr(self, option, value)

    def process(self, item: Item, parameters: dict[str, Any]) -> None:
        path = str(item.path)
        folder = str(item.output_dir)
        values = {
            "path": path,
            "key": item.key,
            "name": os.path.basename(path),
            "output_dir": folder,
        }
        most_megabytes = conf.get("OUTPUT_MB")
        finished = leash.run(
            [fill(argument, values) for argument in self.command],
            environment={k: v for k, v in os.environ.items() if k not in _SECRETS},
            folder=folder,
            most_bytes=most_megabytes * 1024 * 1024,
        )
        if finished.error:
            program = os.path.basename(self.command[0][0][0])
            raise ItemFailed(f"{program} could not be started: {os.strerror(finished.error)}")
        if finished.code is None:
            raise ItemFailed(f"Printed more than {most_megabytes} MB, the limit for one file")
        if finished.code:
            said = finished.tails[1].decode(errors="replace").strip()
            # Where the library lies on the server is nobody's business.
            said = said.replace(path, item.key).replace(folder, "output_dir")
            raise ItemFailed(f"{_ending(finished.code)}{f': {said[-1500:]}' if said else ''}")


def split(argument: str) -> list[tuple[str, str | None]]:
    """Pairs of literal text and the placeholder after it, if any; `{{` is a brace.

    Raises ValueError for braces that do not match and for what is no placeholder.
    """
    pairs = []
    for text, name, spec, conversion in Formatter().parse(argument):
        if name is not None and (name not in PLACEHOLDERS or spec or conversion):
            known = ", ".join(f"{{{placeholder}}}" for placeholder in PLACEHOLDERS)
            raise ValueError(f"“{{{name}}}” is no placeholder. Use {known}, or {{{{ for a brace.")
        pairs.append((text, name))
    return pairs


def fill(argument: list[tuple[str, str | None]], values: dict[str, str]) -> str:
    """The argument with the values of its placeholders.

    One that would begin with the dash of a file's name begins with `./`, so that no file
    can pass for an option.
    """
    text = "".join(literal + (values[name] if name else "") for literal, name in argument)
    starts_with_value = bool(argument) and not argument[0][0] and argument[0][1] is not None
    return f"./{text}" if starts_with_value and text.startswith("-") else text


def _ending(code: int) -> str:
    if code > 0:
        return f"Exit code {code}"
    try:
        return f"Ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"Ended by signal {-code}"
