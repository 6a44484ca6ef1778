"""The lock of a file between processes, and the web server's port."""

import socket
import subprocess
import sys

import pytest
from django.conf import settings

from jobs.supervisor.exclusive import AlreadyRunning, lockfile, loopback_socket

HOLDER = (
    "import sys, pathlib\n"
    "from jobs.supervisor.exclusive import lockfile\n"
    "with lockfile(pathlib.Path(sys.argv[1]), 'process 42'):\n"
    "    print('held', flush=True)\n"
    "    sys.stdin.read()\n"
)


def test_second_process_learns_the_holder_and_gets_the_lock_after_its_death(tmp_path):
    path = tmp_path / "serve.lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(AlreadyRunning, match="process 42"), lockfile(path, "me"):
        pass
    holder.kill()
    holder.communicate()
    with lockfile(path, "me"):
        assert path.read_text() == "me"


def test_port_in_use_is_refused_at_once():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(OSError, match="in use"):
            loopback_socket(other.getsockname()[1])
