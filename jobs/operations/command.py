"""Operations without Python: a program, or a script of the shell, that runs for each item."""

import os
import re
import signal
from string import Formatter
from typing import Any

from jobs.conf import conf
from jobs.operations.base import Operation
from jobs.operations.item import Item
from jobs.operations.private_text import hide
from jobs.operations.results import ItemFailed
from jobs.processes.contained import TAIL_BYTES, run_contained

PLACEHOLDERS = ("path", "key", "name", "output_dir", "output")
_PLAIN = re.compile(r"[\w/.=:,+@%-]*")
_SHELL_PLACEHOLDER = re.compile(rf"(?<!\$)\{{({'|'.join(PLACEHOLDERS)})\}}")
_PASSED_ON = re.compile(r"PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_.*|TZ|TMPDIR|BATCHSITE_.*")
"""Programs of others get these variables and no other, because any may hold a secret."""

Argument = list[tuple[str, str | None]]


class Command(Operation):
    """Exit code 0 succeeds; anything else fails the item with the end of its standard error.

    The values of the placeholders are in the environment as well: `BATCHSITE_PATH` and so on.
    """

    environment: tuple[str, ...] = ()
    """Names of further variables that the program gets."""

    def __init__(self, name: str, command: list[str], options: dict[str, Any]) -> None:
        """Raise ValueError for a bad placeholder. `options` are attributes of this class."""
        self.name = name
        self.command = [split(argument) for argument in command]
        for option, value in options.items():
            setattr(self, option, value)

    def process(self, item: Item, parameters: dict[str, Any]) -> None:
        path, folder = str(item.path), str(item.output_dir)
        values = {
            "path": path,
            "key": item.key,
            "name": item.name,
            "output_dir": folder,
            "output": str(item.output_path()),
        }
        max_megabytes = conf.MAX_OUTPUT_MB
        result = run_contained(
            [fill(argument, values) for argument in self.command],
            environment=self._inherited()
            | {variable(name): value for name, value in values.items()},
            folder=folder,
            max_output_bytes=max_megabytes * 1024 * 1024,
        )
        if result.start_errno:
            program = os.path.basename(self.command[0][0][0])
            raise ItemFailed(f"{program} could not be started: {os.strerror(result.start_errno)}")
        if result.exit_code is None:
            raise ItemFailed(f"Printed more than {max_megabytes} MB, the limit for one file")
        if result.exit_code:
            ending = _describe_exit(result.exit_code)
            stderr = _tail(result.tails[1], item)
            raise ItemFailed(f"{ending}: {stderr}" if stderr else ending)

    def _inherited(self) -> dict[str, str]:
        more = {*self.environment, *conf.command_environment}
        return {
            name: value
            for name, value in os.environ.items()
            if name in more or _PASSED_ON.fullmatch(name)
        }


def variable(placeholder: str) -> str:
    """Return the variable of the environment that holds the value of a placeholder."""
    return f"BATCHSITE_{placeholder.upper()}"


def shell_command(script: str) -> list[str]:
    """Return the command line that runs a script of the shell.

    Raises ValueError for a placeholder in it: the text of a file name would run as a part of it.
    """
    if found := _SHELL_PLACEHOLDER.search(script):
        raise ValueError(
            f"a file name inside a script would run as part of it. Write "
            f'"${variable(found[1])}" in the place of {found[0]}.'
        )
    return ["/bin/sh", "-c", script.replace("{", "{{").replace("}", "}}")]


def split(argument: str) -> Argument:
    """Return pairs of literal text and the placeholder after it, if any. `{{` means a brace.

    Raises ValueError for unbalanced braces, for unknown placeholders, and for a placeholder
    beside characters that could be part of a script.
    """
    pairs: Argument = []
    for text, name, spec, conversion in Formatter().parse(argument):
        if name is not None and (name not in PLACEHOLDERS or spec or conversion):
            known = ", ".join(f"{{{placeholder}}}" for placeholder in PLACEHOLDERS)
            raise ValueError(
                f"“{{{name}}}” is not a placeholder. Use {known}, or {{{{ for a brace."
            )
        pairs.append((text, name))
    names = [name for _, name in pairs if name]
    if names and not all(_PLAIN.fullmatch(text) for text, _ in pairs):
        raise ValueError(
            f"“{argument}” looks like a part of a script, and a file name inside one would run as "
            f"part of it. Beside {{{names[0]}}} only letters, digits and / . _ = : , + @ % - may "
            f'stand. Write shell = "…" in the place of command; its script finds the value in '
            f'"${variable(names[0])}".'
        )
    return pairs


def fill(argument: Argument, values: dict[str, str]) -> str:
    """Return the argument with the values of its placeholders.

    An argument that starts with the value of a placeholder never starts with a dash: it gets
    `./` in front, so that no program mistakes a file name for an option.
    """
    text = "".join(literal + (values[name] if name else "") for literal, name in argument)
    starts_with_value = bool(argument) and not argument[0][0] and argument[0][1] is not None
    return f"./{text}" if starts_with_value and text.startswith("-") else text


def _tail(stderr: bytes, item: Item) -> str:
    """Return the end of what a program has printed, without paths of the server."""
    text = os.fsdecode(stderr).strip()
    first, _, rest = text.partition(" ")
    if len(stderr) == TAIL_BYTES and "/" in first:
        text = rest  # a path that was cut could not be recognised
    return hide(text, item)[-1500:]


def _describe_exit(code: int) -> str:
    if code > 0:
        return f"Exit code {code}"
    try:
        return f"Killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"Killed by signal {-code}"
