"""Which files of the documentation are served, and in which order their pages are listed.

A page has the path of its file: `docs/howto/page.md` is `/help/howto/page.md`. So a relative link
or picture in a file is right in the page, too.
"""

import posixpath
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

PICTURES = {".png": "image/png", ".svg": "image/svg+xml", ".json": "application/json"}
"""Other files that the pages refer to, and their types."""

SECTIONS = {
    "Use it": ("howto/page", "howto/library", "howto/commands", "howto/admin"),
    "Extend it": ("howto/operations", "howto/from-your-code"),
    "Run it": ("howto/production", "upgrading", "SECURITY"),
    "Look it up": ("reference/",),
    "Understand it": ("explanation", "glossary", "architecture", "benchmarks"),
    "More": ("",),
}
"""The beginnings of paths, by the heading under which their pages are listed."""

_BESIDE = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
"""Pages of the folder above."""
_TITLE = re.compile(r"^# (.+)$", re.M)


@dataclass(frozen=True)
class Page:
    path: str
    title: str


@cache
def files() -> dict[str, Path]:
    """All files that are served, by their path below `/help/`. Empty without a documentation."""
    folder: Path = settings.DOCS_ROOT
    found = {
        file.relative_to(folder).as_posix(): file
        for file in sorted(folder.rglob("*"))
        if file.suffix == ".md" or file.suffix in PICTURES
    }
    beside = {name: folder.parent / name for name in _BESIDE if (folder.parent / name).is_file()}
    return beside | found


@cache
def contents() -> list[tuple[str, list[Page]]]:
    """The headings and their pages; each page once."""
    left = {path: file for path, file in files().items() if path.endswith(".md")}
    listed = []
    for heading, beginnings in SECTIONS.items():
        paths = [
            path
            for beginning in beginnings
            for path in sorted(left)
            if path == f"{beginning}.md"
            or (beginning[-1:] in ("", "/") and path.startswith(beginning))
        ]
        listed.append((heading, [Page(path, title(left.pop(path).read_text())) for path in paths]))
    return [(heading, pages) for heading, pages in listed if pages]


def title(text: str) -> str:
    """The first heading of a Markdown text, without its marks."""
    found = _TITLE.search(text)
    return re.sub(r"[`*]", "", found[1]) if found else ""


def target(page: str, link: str) -> str | None:
    """Where a relative link of a page leads: a URL below `/help/`, or None for no file of ours."""
    path, mark, place = link.partition("#")
    if not path:
        return link
    folder = "" if page in _BESIDE else "docs"
    resolved = posixpath.normpath(posixpath.join(folder, posixpath.dirname(page), path))
    name = resolved.removeprefix("docs/")
    is_ours = name in files() and (resolved != name or name in _BESIDE)
    return f"/help/{name}{mark}{place}" if is_ours else None
