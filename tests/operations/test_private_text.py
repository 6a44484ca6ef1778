"""Messages for people, without the server's own paths and names."""

import json
import os
import socket
import sysconfig
import tempfile
from pathlib import Path

import pytest
from django.conf import settings

from jobs.operations import Item, describe_failure, private_text
from jobs.operations.keys import bytes_from_key
from jobs.operations.private_text import hide, hide_paths_in_json


@pytest.fixture
def item(tmp_path) -> Item:
    return make_item(tmp_path, "cam1/a.png")


def make_item(base: Path, key: str) -> Item:
    root = base / "lib"
    path = os.path.join(os.fsencode(root), bytes_from_key(key))
    os.makedirs(os.path.dirname(path))
    with open(path, "wb"):
        pass
    return Item(key, root=root, outputs=base / "out")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cannot open {root}/cam1/a.png: bad", "cannot open cam1/a.png: bad"),
        ("'{root}/cam1/a.png'", "'cam1/a.png'"),
        ("{root}//cam1/a.png", "cam1/a.png"),
        ("file://{root}/cam1/a.png", "file://cam1/a.png"),
        ("{root}/cam2/b.png differs", "cam2/b.png differs"),
        ("{root} is full", "the library is full"),
        ("{root}/: no", "the library: no"),
        ("Not in {root}.", "Not in the library."),
        ("{root}2/cam1", "{temp}/lib2/cam1"),
        ("x{root}/cam1", "x{root}/cam1"),
        ("wrote {own}/a.png.gz", "wrote a.png.gz"),
        ("wrote {own}", "wrote the output folder"),
        ("wrote {out}/cam2/x", "wrote cam2/x"),
        ("{data}/db.sqlite3: disk I/O error", "db.sqlite3: disk I/O error"),
        ("no space in {data}", "no space in the data folder"),
        ("File {stdlib}/json/decoder.py", "File json/decoder.py"),
        ("File {program}/jobs/conf.py", "File jobs/conf.py"),
        ("https://example.org/a/b and /usr/bin/cp", "https://example.org/a/b and /usr/bin/cp"),
        ("no path / at all", "no path / at all"),
    ],
)
def test_path_of_the_server_is_not_shown(item, tmp_path, text, shown):
    places = {
        "root": item.root,
        "own": item.output_dir,
        "out": item.outputs,
        "data": settings.DATA_DIR,
        "stdlib": sysconfig.get_path("stdlib"),
        "temp": tmp_path.relative_to(tempfile.gettempdir()),
        "program": Path(private_text.__file__).parents[2],
    }
    assert hide(text.format(**places), item) == shown.format(**places)


def test_odd_name_is_shown_as_its_key(tmp_path):
    item = make_item(tmp_path, "b/caf\\xe9 x.jpg")
    assert hide(f"no {item.path}!", item) == "no b/caf\\xe9 x.jpg!"
    assert hide(f"no {os.fsencode(item.path)}!", item) == "no b'b/caf\\xe9 x.jpg'!"


def test_root_is_found_in_each_spelling(tmp_path):
    (tmp_path / "mü l").mkdir()
    item = make_item(tmp_path / "mü l", "a")
    path = str(item.path)
    for text in (json.dumps(path), json.dumps(path, ensure_ascii=False), repr(os.fsencode(path))):
        assert hide(text, item).lstrip("b") in ("'a'", '"a"')
    assert hide(item.path.as_uri(), item) == "file://a"


def test_library_behind_a_link_is_recognised_by_both_paths(tmp_path):
    item = make_item(tmp_path, "a")
    link = tmp_path / "link"
    link.symlink_to(item.root)
    assert hide(f"{link}/a {tmp_path}/lib/a", Item("a", root=link)) == "a a"


def test_message_is_one_line(item):
    assert hide(f"one\n\n  two {item.root}/x\r\nthree\u2028four\n", item) == "one two x three four"
    assert describe_failure(ValueError("first\nsecond")) == "first second"


def test_names_of_this_machine_and_its_servers_are_not_shown(monkeypatch, item):
    monkeypatch.setitem(settings.DATABASES["default"], "HOST", "db7.internal")
    monkeypatch.setitem(settings.Q_CLUSTER, "redis", "redis://:secret@queue.internal:6379/0")
    me = socket.gethostname()
    text = f"{me}: cannot reach “db7.internal”, queue.internal:6379, x{me}, {me}/a or {me}.png"
    assert hide(text, item) == (
        "this machine: cannot reach “the database server”, the broker:6379, "
        f"x{me}, {me}/a or {me}.png"
    )


def test_name_of_a_file_that_is_the_name_of_the_machine_is_kept(tmp_path):
    name = f"{socket.gethostname()} 1"
    assert hide(f"{name} is broken", make_item(tmp_path, name)) == f"{name} is broken"


def test_result_has_no_path_of_the_server(item):
    data = json.dumps(
        {"wrote": f"{item.root}/cam1/a.png", f"{item.root}": [f"{settings.DATA_DIR}/x"]}
    )
    assert json.loads(hide_paths_in_json(data, item)) == {
        "wrote": "cam1/a.png",
        "the library": ["x"],
    }
    untouched = json.dumps({"a": "one\ntwo", "b": "/usr/bin"})
    assert hide_paths_in_json(untouched, item) == untouched


def test_library_whose_path_is_not_text_is_hidden(tmp_path):
    root = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    root.mkdir()
    (root / "a").touch()
    assert hide(f"no {root}/a, {os.fsencode(root)}", Item("a", root=root)) == "no a, b'the library'"


def test_broken_address_of_the_broker_hides_nothing(monkeypatch, item):
    monkeypatch.setitem(settings.Q_CLUSTER, "redis", "redis://[broken")
    assert hide("no answer", item) == "no answer"
