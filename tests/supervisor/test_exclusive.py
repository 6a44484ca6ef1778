"""The lock of a file between processes, and the web server's port."""

import socket
import subprocess
import sys

import pytest
from django.conf import settings

from jobs.supervisor.exclusive import AlreadyRunning, bound_socket, is_loopback, lockfile

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
            bound_socket("127.0.0.1", other.getsockname()[1])


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])
def test_socket_is_bound_to_the_address_that_was_asked_for(host):
    with bound_socket(host, 0) as bound:
        assert is_loopback(bound.getsockname()[0]) == (host != "0.0.0.0")
        assert bound.get_inheritable()


@pytest.mark.parametrize(
    ("address", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.2", False),
        ("::ffff:192.168.1.2", False),
        ("127.0.0.1.example.org", False),
        ("localhost.example.org", False),
        ("", False),
    ],
)
def test_loopback_addresses_are_recognised(address, loopback):
    assert is_loopback(address) == loopback
