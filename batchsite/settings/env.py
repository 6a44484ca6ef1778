"""Reads settings from the environment; errors say what is wrong, why, and what to do.

All functions raise `BadSetting`, whose text is one line for a person.
"""

import ipaddress
import os
import re
from collections.abc import Iterable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_TRUE = ("1", "true", "yes", "on")
_FALSE = ("0", "false", "no", "off")


class BadSetting(ImproperlyConfigured):
    """A setting in the environment cannot be used."""

    def __init__(self, name: str, value: object, problem: str, remedy: str) -> None:
        shown = "" if value is None else f" is “{value}”, which"
        super().__init__(f"{name}{shown} {problem}. {remedy}")


def text(name: str, default: str = "") -> str:
    """The value without surrounding space; the default when it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool) -> bool:
    value = text(name).lower()
    if value in ("", *_TRUE, *_FALSE):
        return value in _TRUE if value else default
    raise BadSetting(name, value, "is neither true nor false", f"Set {name} to true or false.")


def number(name: str, default: int, *, least: int, most: int) -> int:
    value = text(name)
    if not value:
        return default
    remedy = f"Set {name} to a number from {least} to {most}."
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", value):
        raise BadSetting(name, value, "is not a whole number", remedy)
    if not least <= int(value) <= most:
        raise BadSetting(name, value, "is out of range", remedy)
    return int(value)


def decimal(name: str, default: float) -> float:
    """A number of at least 0, such as "0.5"."""
    value = text(name)
    if not value:
        return default
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", value):
        remedy = f"Set {name} to a number such as 2.5."
        raise BadSetting(name, value, "is not a number of at least 0", remedy)
    return float(value)


def address(name: str, default: str) -> str:
    """An IP address or "localhost". Others count as unset: shells and compilers set HOST too."""
    value = text(name)
    try:
        return value if value == "localhost" else str(ipaddress.ip_address(value))
    except ValueError:
        return default


def names(name: str, default: Iterable[str] = ()) -> list[str]:
    """A comma-separated list, without empty entries."""
    return [part.strip() for part in text(name).split(",") if part.strip()] or list(default)


def path(name: str, default: Path) -> Path:
    """An absolute path; `~` is the home folder, a relative one starts at the current folder."""
    value = text(name)
    try:
        return Path(value).expanduser().absolute() if value else default
    except RuntimeError:
        problem, remedy = "names a home folder that does not exist", f"Give {name} the whole path."
        raise BadSetting(name, value, problem, remedy) from None


def created_folder(name: str, folder: Path) -> Path:
    """The folder that a setting names, created for this account only if it is missing."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise unusable_folder(name, folder, error) from None
    return folder


def unusable_folder(name: str, folder: Path, error: OSError) -> BadSetting:
    remedy = f"Set {name} to a folder that this account may write to."
    return BadSetting(name, folder, f"cannot be used ({error.strerror})", remedy)
