"""The lookout, the folder's lock and the port."""

import socket
import subprocess
import sys
import threading

import pytest
from django.conf import settings

from jobs.supervision import lookout as lookout_module
from jobs.supervision.folder_lock import FolderInUse, folder_lock
from jobs.supervision.listening import answers, loopback_socket
from jobs.supervision.lookout import Lookout, Sight
from tests.support.waiting import wait_until


@pytest.fixture
def often(monkeypatch):
    monkeypatch.setattr(lookout_module, "LOOK_SECONDS", 0.01)


@pytest.mark.usefixtures("often")
def test_a_sight_is_given_once():
    looked = threading.Event()

    def look():
        assert not looked.wait(0) or looked.wait(60)
        looked.set()
        return Sight(waiting=True, claims=5)

    lookout = Lookout(look)
    lookout.start()
    assert wait_until(lookout.take) == Sight(waiting=True, claims=5)
    lookout.stop()


@pytest.mark.usefixtures("often")
def test_a_look_that_fails_is_followed_by_others(caplog):
    results = iter([Sight(True, 1), OSError("away"), OSError("away"), Sight(True, 2)])

    def look():
        result = next(results, Sight(True, 3))
        if isinstance(result, OSError):
            raise result
        return result

    lookout = Lookout(look)
    lookout.start()
    seen = set()
    wait_until(lambda: (seen.add(getattr(lookout.take(), "claims", None)), 3 in seen)[1])
    lookout.stop()
    told = [record.message for record in caplog.records]
    assert told == ["Cannot see whether work waits", "Can see the work again"]


def test_a_look_that_hangs_gives_no_news_and_holds_up_nobody():
    hanging = threading.Event()
    lookout = Lookout(lambda: hanging.wait(60) and Sight(True, 1))
    lookout.start()
    assert lookout.take() is None
    lookout.stop()
    hanging.set()


HOLDER = (
    "import sys, pathlib\n"
    "from jobs.supervision.folder_lock import folder_lock\n"
    "with folder_lock(pathlib.Path(sys.argv[1]), 'process 42'):\n"
    "    print('held', flush=True)\n"
    "    sys.stdin.read()\n"
)


def test_a_second_process_is_told_who_holds_the_folder_until_it_dies(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(FolderInUse, match="process 42"), folder_lock(tmp_path, "me"):
        pass
    holder.kill()
    holder.communicate()
    with folder_lock(tmp_path, "me"):
        assert (tmp_path / "serve.lock").read_text() == "me"


def test_a_port_in_use_is_refused_at_once():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(OSError, match="in use"):
            loopback_socket(other.getsockname()[1])


def test_a_port_without_a_web_server_does_not_answer():
    with loopback_socket(0) as bound:
        assert not answers(bound.getsockname()[1], "/health")
