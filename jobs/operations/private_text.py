"""Takes the server's own paths and names out of texts that people read.

Files of the library are left with their keys, and outputs with their paths in the output folder.
"""

import json
import os
import re
import site
import socket
import sysconfig
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, urlsplit

from django.conf import settings

from jobs.conf import conf
from jobs.operations.item import Item
from jobs.operations.keys import bytes_from_key

_BEFORE = r"(?<![\w.-])"
_AFTER = r"(?![\w-])(?!\.\w)"
_LOCAL = ("", "localhost", "127.0.0.1", "::1")


def hide(text: str, item: Item | None = None) -> str:
    """Return `text` in one line, without paths and host names of this server.

    `item` is what the text is about: its path becomes its key.
    """
    key = ""
    if item is not None:
        key = item.key
        for path, shown in _own_paths(item):
            text = text.replace(path, shown)
    text = one_line(text)
    if "/" in text:
        text = _hide_folders(text, item)
    for host, shown in _hosts():
        if host in text and host not in key:
            text = _host_pattern(host).sub(shown, text)
    return text


def one_line(text: str) -> str:
    """Return the lines of a text in one, without the empty ones."""
    if text.isprintable():
        return text.strip()
    lines = [line.strip() for line in text.splitlines()]
    return " ".join(line for line in lines if line)


def hide_paths_in_json(text: str, item: Item) -> str:
    """Return JSON text without the folders of the library and of the data in its strings."""
    # Most results hold none, and this runs for each item.
    if str(item.root) not in text and str(conf.data_dir) not in text:
        return text
    return _hide_folders(text, item)


def _own_paths(item: Item) -> Iterator[tuple[str, str]]:
    made = vars(item).get("output_dir")
    if made is not None:
        yield f"{made}/", ""
        yield str(made), "the output folder"
    try:
        yield f"{item.root}/{os.fsdecode(bytes_from_key(item.key))}", item.key
    except ValueError:
        return  # it is no path


@lru_cache(maxsize=16)
def _folders(root: str, outputs: str, data: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """Return a pattern that finds any of these folders, and what stands for each of them."""
    program = Path(__file__).parents[2]
    named = [
        (root, "the library"),
        (outputs, "the output folder"),
        (data, "the data folder"),
        (tempfile.gettempdir(), "the temporary folder"),
        (os.path.expanduser("~"), "the home folder"),
        (str(program), "the program"),
        (sysconfig.get_path("stdlib"), "the program"),
        *((folder, "the program") for folder in site.getsitepackages()),
    ]
    shown: dict[str, str] = {}
    for folder, words in named:
        for path in (folder, os.path.realpath(folder)):
            if path.strip("/"):
                for written in _spellings(path):
                    shown.setdefault(written, words)
    longest_first = "|".join(map(re.escape, sorted(shown, key=len, reverse=True)))
    return re.compile(rf"{_BEFORE}({longest_first})(?:(/+)(?=[^\s/'\",:;)])|/*{_AFTER})"), shown


def _spellings(path: str) -> set[str]:
    """Return how a path is written: plainly, in JSON, in a URL, as bytes of Python."""
    plain = path.rstrip("/")
    return {
        plain,
        json.dumps(plain)[1:-1],
        json.dumps(plain, ensure_ascii=False)[1:-1],
        quote(os.fsencode(plain)),
        repr(os.fsencode(plain))[2:-1],
    }


def _hide_folders(text: str, item: Item | None) -> str:
    root = str(item.root if item is not None else conf.library_root)
    outputs = str(item.outputs or "") if item is not None else ""
    pattern, shown = _folders(root, outputs, str(conf.data_dir))
    # With a path behind it, the folder is left out.
    return pattern.sub(lambda found: "" if found[2] else shown[found[1]], text)


def _hosts() -> tuple[tuple[str, str], ...]:
    """Return the names of this machine and of its servers, and the words for each of them."""
    me = socket.gethostname()
    database = str(settings.DATABASES["default"].get("HOST") or "")
    broker = getattr(settings, "Q_CLUSTER", {}).get("redis")
    redis = _host_of(broker) if isinstance(broker, str) else ""
    named = [
        (me, "this machine"),
        (me.partition(".")[0], "this machine"),
        (database, "the database server"),
        (redis, "the broker"),
    ]
    return tuple((host, words) for host, words in named if host not in _LOCAL and "/" not in host)


@lru_cache(maxsize=8)
def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""  # the broker complains


@lru_cache(maxsize=8)
def _host_pattern(host: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w./-]){re.escape(host)}(?!/){_AFTER}")
