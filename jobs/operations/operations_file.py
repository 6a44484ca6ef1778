"""Reads the command operations in the file named by OPERATIONS_FILE."""

import shutil
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from jobs.exceptions import BadOperationsFile
from jobs.operations.base import check_operation
from jobs.operations.command import Command

_SHELLS = frozenset({"sh", "bash", "dash", "ksh", "zsh", "fish"})
_OPTIONS = ("label", "description", "timeout", "attempts", "max_workers")


def load_operations_file(path: str | Path) -> list[Command]:
    """Return the operations of a TOML file, in the order of the file.

    Raises BadOperationsFile with the file's name, the section and what to change.
    """
    import tomllib  # slow to load, and most sites have no such file

    name = Path(path).name
    try:
        with open(path, "rb") as file:
            sections = tomllib.load(file)
    except OSError as error:
        raise BadOperationsFile(
            f"The operations file {path} cannot be read: {error.strerror}."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadOperationsFile(f"The operations file {name} is not valid TOML: {error}") from None
    return [_operation(f"{name}, [{section}]", section, sections[section]) for section in sections]


def _operation(where: str, name: str, section: Any) -> Command:
    if not isinstance(section, dict):
        raise BadOperationsFile(f"{where}: write a section with a command, not a single value.")
    unknown = sorted(set(section) - {"command", *_OPTIONS})
    if unknown:
        raise BadOperationsFile(
            f"{where}: there is no “{unknown[0]}”. Use: command, {', '.join(_OPTIONS)}."
        )
    command = section.get("command")
    is_text = isinstance(command, list) and all(
        isinstance(argument, str) and "\0" not in argument for argument in command
    )
    if not command or not is_text:
        raise BadOperationsFile(
            f'{where}: give the command as a list of strings, like ["program", "{{path}}"].'
        )
    for option in ("label", "description"):
        if not isinstance(section.get(option, ""), str):
            raise BadOperationsFile(f"{where}: “{option}” must be text.")
    try:
        options = {option: section[option] for option in _OPTIONS if option in section}
        operation = Command(name, command, options)
        check_operation(operation)
    except (ValueError, ImproperlyConfigured) as error:
        raise BadOperationsFile(f"{where}: {error}") from None
    if [found for _, found in operation.command[0] if found] or not command[0]:
        raise BadOperationsFile(f"{where}: the program must be a name, not a placeholder.")
    if _puts_names_into_script(operation, command[0]):
        raise BadOperationsFile(
            f"{where}: a file name inside a shell script would run as part of it. Write "
            '"$1" in the script, and after it the arguments "sh" and "{path}".'
        )
    if shutil.which(operation.command[0][0][0]) is None:
        raise BadOperationsFile(
            f"{where}: the program “{command[0]}” is not installed, or not in PATH."
        )
    return operation


def _puts_names_into_script(operation: Command, program: str) -> bool:
    if Path(program).name not in _SHELLS:
        return False
    arguments = operation.command[1:]
    script = next((n + 1 for n, pairs in enumerate(arguments) if pairs == [("-c", None)]), None)
    if script is None or script >= len(arguments):
        return False
    return any(name for _, name in arguments[script])
