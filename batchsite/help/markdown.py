"""Markdown as HTML, for the site's own documentation and for nothing else: it may hold HTML."""

import re
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from typing import Any

from batchsite.help.library import target

_NOT_IN_ANCHOR = re.compile(r"[^\w\- ]")
_ALIGN = re.compile(r"text-align:(left|right|center)")
_EMPTY_HEAD = re.compile(r"<thead>\n<tr>\n(?:<th[^>]*></th>\n)+</tr>\n</thead>\n")
_EMPTY_HEADING = re.compile(r"<th([^>]*)></th>")
_ADDRESS = re.compile(r"(?:https?|mailto):")


def html(page: str, text: str) -> str:
    """The HTML of a page. Its headings have the anchors that links to them expect."""
    parser = _parser()
    tokens = parser.parse(text)
    _add_anchors(tokens)
    for token in _all(tokens):
        if token.type == "link_open":
            _set_target(token, page)
        elif token.type == "table_open":
            token.attrSet("tabindex", "0")  # a wide one scrolls, by the keyboard too
        # The content policy of the site allows no inline style.
        if match := _ALIGN.fullmatch(str(token.attrGet("style") or "")):
            token.attrs = {"class": f"is-{match[1]}"}
    return _accessible(parser.renderer.render(tokens, parser.options, {}))


def _accessible(html: str) -> str:
    """Long lines scroll by the keyboard; Markdown's tables without headings have no empty ones."""
    html = html.replace("<pre>", '<pre tabindex="0">')
    return _EMPTY_HEADING.sub(r"<td\1></td>", _EMPTY_HEAD.sub("", html))


@cache
def _parser() -> Any:
    # Imported for the first page that is read: few visits read one.
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": True}).enable("table")


def _all(tokens: Iterable[Any]) -> Iterable[Any]:
    for token in tokens:
        yield token
        yield from _all(token.children or ())


def _add_anchors(tokens: list[Any]) -> None:
    """As GitHub makes them: equal headings are numbered."""
    used: dict[str, int] = {}
    for token, inline in pairwise(tokens):
        if token.type != "heading_open":
            continue
        words = "".join(
            child.content
            for child in inline.children or ()
            if child.type in ("text", "code_inline")
        )
        anchor = _NOT_IN_ANCHOR.sub("", words.lower()).replace(" ", "-")
        count = used[anchor] = used.get(anchor, -1) + 1
        token.attrSet("id", f"{anchor}-{count}" if count else anchor)


def _set_target(token: Any, page: str) -> None:
    """Lead links between files to their pages. One to a file that is not served leads nowhere."""
    link = str(token.attrGet("href"))
    if _ADDRESS.match(link):
        token.attrs = {"href": link, "rel": "noreferrer"}
    elif (found := target(page, link)) is not None:
        token.attrs = {"href": found}
    else:
        token.attrs = {}
