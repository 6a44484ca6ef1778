"""A database of another version: one sentence, and nothing is changed."""

import sqlite3
import subprocess
from contextlib import closing

import pytest
from django.db.migrations.loader import MigrationLoader

from tests.support.stacks import clean_environment, manage

OLD = """
PRAGMA journal_mode=WAL;
CREATE TABLE django_migrations (id integer PRIMARY KEY, app text, name text, applied datetime);
CREATE TABLE jobs_job (id char(32) PRIMARY KEY, title text);
CREATE TABLE jobs_libraryfile (
    id integer PRIMARY KEY, path text UNIQUE, size bigint, mtime_ns bigint, modified datetime,
    kind varchar(20), status varchar(11), message text, last_job_id char(32), memory text
);
"""


@pytest.fixture
def data(tmp_path):
    """The data folder of an earlier version."""
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as old:
        old.executescript(OLD)
        applied = [("jobs", "0001_initial"), ("jobs", "0002_meters")]
        applied += [node for node in MigrationLoader(None).graph.nodes if node[0] != "jobs"]
        old.executemany("INSERT INTO django_migrations (app, name) VALUES (?, ?)", applied)
        old.commit()
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "note.txt").write_text("hello")
    return tmp_path


def content(folder):
    return {path: path.is_file() and path.read_bytes() for path in folder.rglob("*")}


@pytest.mark.parametrize(
    "line", ["migrate", "serve", "runcluster", "qcluster", "scanlibrary", "canceljob --all"]
)
def test_database_of_another_version_is_one_sentence_and_stays_as_it_is(data, line):
    before = content(data)
    found = subprocess.run(
        manage(*line.split()),
        env=clean_environment(DATA_DIR=str(data), DJANGO_COLORS="nocolor"),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert found.returncode == 1
    said = found.stderr.splitlines()
    assert len(said) == 1, found.stderr
    assert f"Error: The database {data / 'db.sqlite3'} belongs to another version" in said[0]
    assert "it was not changed" in said[0]
    assert content(data) == before
