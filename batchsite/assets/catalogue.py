"""The content of each static file and bundle by its name, with its hash, as it is now.

A bundle is made when a page first needs it and again after a change of a file that it is made
from, so neither a developer nor a release has a step to forget.
"""

import gzip
import mimetypes
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from threading import RLock

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles import finders

from batchsite.assets import modules, styles

SCRIPTS = {
    "bundles/first.js": "js/pages/first.js",
    "bundles/index.js": "js/pages/index.js",
    "bundles/job.js": "js/pages/job.js",
    "bundles/plain.js": "js/pages/plain.js",
    "bundles/api-docs.js": "js/pages/api-docs.js",
}
STYLES = {
    "bundles/site.css": (
        "bootstrap/css/bootstrap.min.css",
        *(
            f"css/{name}.css"
            for name in (
                "theme", "layout", "parts", "sheet", "messages", "table", "files", "progress",
                "job", "help", "phone",
            )
        ),
    )
}  # fmt: skip
"""Bundles of style sheets. Of the first, a library, only the rules that apply in a page."""

_TEXT = re.compile(r"\.(?:css|html|js|json|svg|txt|webmanifest)$")
_SMALL_BYTES = 200
"""Shorter files do not become shorter when they are compressed."""

Stamp = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Asset:
    """A file as it is served."""

    name: str
    content: bytes

    @cached_property
    def digest(self) -> str:
        """12 hexadecimal digits, other ones for other content."""
        return blake2b(self.content, digest_size=6).hexdigest()

    @cached_property
    def hashed_name(self) -> str:
        """`css/site.css` with its hash: `css/site.0123456789ab.css`."""
        start, dot, end = self.name.rpartition(".")
        return f"{start}.{self.digest}.{end}" if dot else f"{self.name}.{self.digest}"

    @cached_property
    def compressed(self) -> bytes | None:
        """The content compressed by gzip; None if that is of no use."""
        if not _TEXT.search(self.name) or len(self.content) < _SMALL_BYTES:
            return None
        return gzip.compress(self.content, 9, mtime=0)

    @cached_property
    def content_type(self) -> str:
        kind = _KINDS.get(os.path.splitext(self.name)[1]) or mimetypes.guess_type(self.name)[0]
        kind = kind or "application/octet-stream"
        return f"{kind}; charset=utf-8" if _TEXT.search(self.name) else kind


# Not those of the machine's own list, which may be wrong.
_KINDS = {
    ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png",
    ".webmanifest": "application/manifest+json", ".json": "application/json",
}  # fmt: skip

_known: dict[str, tuple[Asset, list[Path], Stamp]] = {}
_lock = RLock()


def find(name: str) -> Asset | None:
    """The static file or bundle of this name, or None. Reads only files that have changed.

    Without DEBUG a file that was read once is not looked at again.
    """
    with _lock:
        if name in _known:
            asset, sources, stamp = _known[name]
            if not settings.DEBUG or _stamp(sources) == stamp:
                return asset
        made = _made(name)
        if made is None:
            _known.pop(name, None)
            return None
        content, sources = made
        asset = Asset(name, content)
        _known[name] = asset, sources, _stamp(sources)
        return asset


def _made(name: str) -> tuple[bytes, list[Path]] | None:
    if name in SCRIPTS:
        text, members = modules.bundle(SCRIPTS[name], lambda member: _path(member).read_text())
        return text.encode(), [_path(member) for member in members]
    if name in STYLES:
        return _style_bundle(*STYLES[name])
    found = finders.find(name)
    if not isinstance(found, str) or not os.path.isfile(found):
        return None
    return Path(found).read_bytes(), [Path(found)]


def _style_bundle(library: str, *own: str) -> tuple[bytes, list[Path]]:
    with_classes = list(_files_with_classes())
    words: set[str] = set()
    for file in with_classes:
        words |= styles.quoted_words(file.read_text())
    parts = [styles.subset(_path(library).read_text(), words)]
    parts += [styles.without_comments(_path(name).read_text()) for name in own]
    return "\n".join(parts).encode(), [*map(_path, (library, *own)), *with_classes]


def _files_with_classes() -> Iterable[Path]:
    """The templates and scripts of the site, and the templates of apps that extend its pages."""
    for folder in settings.TEMPLATES[0]["DIRS"]:
        yield from sorted(Path(folder).rglob("*.html"))
    for app in apps.get_app_configs():
        if not {app.name, f"{type(app).__module__}.{type(app).__name__}"}.isdisjoint(
            settings.EXTRA_APPS
        ):
            yield from sorted(Path(app.path, "templates").rglob("*.html"))
    for folder in settings.STATICFILES_DIRS:
        yield from sorted(Path(folder, "js").rglob("*.js"))


def _path(name: str) -> Path:
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(f"There is no static file {name}.")
    return Path(found)


def _stamp(files: list[Path]) -> Stamp:
    """Changes with the files; a missing one counts as (0, 0)."""
    return tuple(_file_stamp(file) for file in files)


def _file_stamp(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
