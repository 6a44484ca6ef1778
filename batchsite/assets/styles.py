"""Joins style sheets, and leaves out the rules of a library whose classes no page has."""

import re
from collections.abc import Iterator

_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_QUOTED = re.compile(r'"[^"]*"|`[^`]*`|\'[^\']*\'')
_WORD = re.compile(r"[A-Za-z][\w-]*")
_CLASS = re.compile(r"\.(-?[A-Za-z_](?:[\w-]|\\.)*)")
_COMMA = re.compile(r",(?![^()]*\))")
_BLOCK = re.compile(r"[{};]|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", re.S)
_NESTED = ("@media", "@supports", "@layer", "@container")


def quoted_words(text: str) -> set[str]:
    """Each word that stands in quotation marks, as the classes in templates and scripts do."""
    return {word for quoted in _QUOTED.findall(text) for word in _WORD.findall(quoted)}


def without_comments(css: str) -> str:
    return _COMMENT.sub("", css)


def subset(css: str, words: set[str]) -> str:
    """The rules of a style sheet that can apply where only these classes exist.

    A selector is kept if all its classes are among `words`. Rules for elements are kept, and so
    are animations that a kept rule names.
    """
    kept = list(_kept(without_comments(css), words))
    frames = [rule for rule in kept if rule.startswith("@keyframes")]
    text = "".join(rule for rule in kept if not rule.startswith("@keyframes"))
    used = set(re.findall(r"[\w-]+", " ".join(re.findall(r"animation(?:-name)?:([^;}]*)", text))))
    return text + "".join(frame for frame in frames if _WORD.findall(frame)[1] in used)


def _kept(css: str, words: set[str]) -> Iterator[str]:
    for prelude, body in _rules(css):
        if body is None:
            yield f"{prelude};"
        elif prelude.startswith(_NESTED):
            inner = "".join(_kept(body, words))
            if inner:
                yield f"{prelude}{{{inner}}}"
        elif prelude.startswith("@"):
            yield f"{prelude}{{{body}}}"
        else:
            selectors = [
                each for each in _COMMA.split(prelude) if set(_CLASS.findall(each)) <= words
            ]
            if selectors:
                yield f"{','.join(selectors)}{{{body}}}"


def _rules(css: str) -> Iterator[tuple[str, str | None]]:
    """(prelude, body) of each rule at the top level; the body of a statement is None."""
    depth, start, opened = 0, 0, 0
    for match in _BLOCK.finditer(css):
        mark = match[0]
        if mark == "{":
            depth += 1
            if depth == 1:
                opened = match.start()
        elif mark == "}":
            depth -= 1
            if depth == 0:
                yield css[start:opened].strip(), css[opened + 1 : match.start()]
                start = match.end()
        elif mark == ";" and depth == 0:
            yield css[start : match.start()].strip(), None
            start = match.end()
