"""Terminals in which tests run the site."""

import pytest

from tests.run.terminal import SERVE, Terminal


@pytest.fixture
def terminal(tmp_path):
    library = tmp_path / "library"
    library.mkdir()
    (library / "note.txt").write_text("hello")
    made = Terminal(tmp_path, LIBRARY_ROOT=str(library))
    yield made
    made.close()


@pytest.fixture
def running(terminal):
    """A terminal in which the site runs."""
    terminal.type(*SERVE)
    terminal.wait_for_address()
    return terminal
