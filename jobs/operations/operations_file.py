"""Reads the command operations in the file named by OPERATIONS_FILE."""

import re
import shutil
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from jobs.exceptions import BadOperationsFile
from jobs.operations.base import check_operation
from jobs.operations.command import Command, shell_command

_OPTIONS = ("label", "description", "timeout", "attempts", "max_workers", "environment", "kinds")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


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
    unknown = sorted(set(section) - {"command", "shell", *_OPTIONS})
    if unknown:
        raise BadOperationsFile(
            f"{where}: there is no “{unknown[0]}”. Use: command or shell, {', '.join(_OPTIONS)}."
        )
    for option in ("label", "description"):
        if not isinstance(section.get(option, ""), str):
            raise BadOperationsFile(f"{where}: “{option}” must be text.")
    names = section.get("environment", [])
    if not isinstance(names, list) or not all(map(_is_variable, names)):
        raise BadOperationsFile(
            f'{where}: “environment” must be a list of names of variables, like ["AWS_PROFILE"].'
        )
    try:
        command = _command(section)
        options = {option: section[option] for option in _OPTIONS if option in section}
        operation = Command(name, command, options)
        check_operation(operation)
    except (ValueError, ImproperlyConfigured) as error:
        raise BadOperationsFile(f"{where}: {error}") from None
    if [found for _, found in operation.command[0] if found] or not command[0]:
        raise BadOperationsFile(f"{where}: the program must be a name, not a placeholder.")
    if shutil.which(operation.command[0][0][0]) is None:
        raise BadOperationsFile(
            f"{where}: the program “{command[0]}” is not installed, or not in PATH."
        )
    return operation


def _is_variable(name: object) -> bool:
    return isinstance(name, str) and _VARIABLE.fullmatch(name) is not None


def _command(section: dict[str, Any]) -> list[str]:
    """Return the command line of a section. Raises ValueError with what to change."""
    command, script = section.get("command"), section.get("shell")
    if command is not None and script is not None:
        raise ValueError("give either command or shell, not both.")
    if script is not None:
        if not isinstance(script, str) or not script.strip() or "\0" in script:
            raise ValueError(
                'give the script as text, like shell = "gzip -c \\"$BATCHSITE_PATH\\"".'
            )
        return shell_command(script)
    is_text = isinstance(command, list) and all(
        isinstance(argument, str) and "\0" not in argument for argument in command
    )
    if not command or not is_text:
        raise ValueError('give the command as a list of strings, like ["program", "{path}"].')
    return list(command)
