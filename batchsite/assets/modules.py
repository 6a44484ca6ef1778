"""Joins the ES modules of a page into one, so that a page loads a single script.

Each module becomes a function that returns what it exports. Modules are written in the few forms
that are known here (`import {a, b as c} from`, `import * as a from`, `import "…"`, `export
function|class|const`), so no parser is needed; any other form is refused.
"""

import posixpath
import re
from collections.abc import Callable

_IMPORT = re.compile(
    r'^import (?:(?:\{(?P<names>[^}]*)\}|\* as (?P<all>\w+)) from )?"(?P<module>[^"]+)";\n', re.M
)
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (?P<name>\w+))", re.M)
_OTHER = re.compile(r"^(?:import|export)\b.*", re.M)
_COMMENT = re.compile(r"^[ \t]*(?:/\*\*?(?:\s.*?)?\*/|//[^\n]*)\n", re.M | re.S)


class BadModule(ValueError):
    """A module is written in a form that is not known here."""


def bundle(entry: str, read: Callable[[str], str]) -> tuple[str, list[str]]:
    """The module `entry` and all that it imports as one script, and their names.

    `read` returns the text of a module by its name, a path with `/`. Raises BadModule for a form
    that is not known and for modules that import each other in a circle.
    """
    numbers: dict[str, int] = {}
    parts: list[str] = []
    _add(entry, read, numbers, parts, ())
    # In a block, so that a classic script of this text defines no global names.
    return "".join(['"use strict";\n{\n', *parts, "}\n"]), list(numbers)


def _add(
    name: str,
    read: Callable[[str], str],
    numbers: dict[str, int],
    parts: list[str],
    above: tuple[str, ...],
) -> None:
    if name in above:
        raise BadModule(f"{name} imports itself by way of {' and '.join(above)}.")
    if name in numbers:
        return
    text = _COMMENT.sub("", read(name))

    def imported(match: re.Match[str]) -> str:
        module = posixpath.normpath(posixpath.join(posixpath.dirname(name), match["module"]))
        _add(module, read, numbers, parts, (*above, name))
        if match["all"]:
            return f"const {match['all']} = m{numbers[module]};\n"
        if not match["names"]:
            return ""
        return f"const {{{match['names'].replace(' as ', ': ')}}} = m{numbers[module]};\n"

    text = _IMPORT.sub(imported, text)
    exported = [match["name"] for match in _EXPORT.finditer(text)]
    text = _EXPORT.sub("", text)
    if unknown := _OTHER.search(text):
        raise BadModule(f"{name} holds “{unknown[0]}”, a form that the bundle does not know.")
    numbers[name] = len(numbers)
    parts.append(
        f"// {name}\nconst m{numbers[name]} = (() => {{\n{text}"
        f"return {{ {', '.join(exported)} }};\n}})();\n"
    )
