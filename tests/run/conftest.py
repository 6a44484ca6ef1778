"""Terminals in which tests run the site."""

import sqlite3
from contextlib import closing

import pytest

from tests.run.terminal import SERVE, Terminal


def new_terminal(folder, servers):
    """With a small library, and a database that has its tables: making them takes long."""
    library = folder / "library"
    library.mkdir()
    (library / "note.txt").write_text("hello")
    made = Terminal(folder, LIBRARY_ROOT=str(library))
    servers.new_environment("sqlite", made.data)
    return closing(made)


def give_account(terminal):
    """An account, as an earlier start has made it: its password takes long to hash."""
    with closing(sqlite3.connect(terminal.data / "db.sqlite3")) as database, database:
        database.execute(
            "INSERT INTO auth_user (username, password, is_superuser, is_staff, is_active,"
            " first_name, last_name, email, date_joined)"
            " VALUES ('admin', '!', 1, 1, 1, '', '', '', '2026-01-01')"
        )


@pytest.fixture
def terminal(tmp_path, servers):
    with new_terminal(tmp_path, servers) as made:
        yield made


@pytest.fixture
def running(terminal):
    """A terminal in which the site runs."""
    give_account(terminal)
    terminal.type(*SERVE)
    terminal.wait_for_address()
    return terminal


@pytest.fixture(scope="module")
def shared(tmp_path_factory, servers):
    """A terminal in which the site runs for all tests of a module that leave it running."""
    with new_terminal(tmp_path_factory.mktemp("shared"), servers) as made:
        give_account(made)
        made.type(*SERVE)
        made.wait_for_address()
        yield made
