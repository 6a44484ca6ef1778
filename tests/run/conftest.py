"""Terminals in which tests run the site."""

import pytest

from tests.run.terminal import SERVE, Terminal


@pytest.fixture
def terminal(tmp_path, servers):
    """With a small library, and a database that has its tables: making them takes long."""
    library = tmp_path / "library"
    library.mkdir()
    (library / "note.txt").write_text("hello")
    made = Terminal(tmp_path, LIBRARY_ROOT=str(library))
    servers.new_environment("sqlite", made.data)
    yield made
    made.close()


@pytest.fixture
def running(terminal):
    """A terminal in which the site runs."""
    terminal.type(*SERVE)
    terminal.wait_for_address()
    return terminal
