"""The common base of the commands: the caller's streams, errors of the output, Ctrl-C."""

import io
import json
import os
import signal
import sys
from functools import partial
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper
from django.db import OperationalError

from jobs import services
from jobs.management.commands import canceljob, pausejob
from jobs.management.output import write_json, write_json_array
from jobs.management.watch import counted_interrupts
from tests.support import factories


class Broken(io.StringIO):
    def __init__(self, error):
        super().__init__()
        self.error = error

    def write(self, text):
        raise self.error


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "code"),
    [(BrokenPipeError(32, "Broken pipe"), 141), (OSError(28, "No space left on device"), 1)],
)
def test_call_command_keeps_the_callers_output_if_the_commands_output_fails(error, code):
    factories.make_job("queued", left=1)
    before = os.fstat(1)
    with pytest.raises(CommandError, match=f"^{error.strerror}.$") as failure:
        call_command("listjobs", stdout=Broken(error))
    assert failure.value.returncode == code
    assert os.path.samestat(before, os.fstat(1))


@pytest.mark.django_db
def test_call_command_raises_ctrl_c_unchanged():
    factories.make_job("queued", left=1)
    with pytest.raises(KeyboardInterrupt):
        call_command("listjobs", stdout=Broken(KeyboardInterrupt()))


@pytest.mark.django_db
def test_call_command_keeps_the_error_handler_of_the_callers_streams():
    before = sys.stdout
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="strict")
    sys.stdout = stream
    try:
        call_command("listjobs")
    finally:
        sys.stdout = before
    assert stream.errors == "strict"


def test_counted_interrupts_in_a_thread_install_no_handler():
    found = []

    def count():
        with counted_interrupts() as interrupts:
            found.append(bool(interrupts))

    before = signal.getsignal(signal.SIGINT)
    thread = Thread(target=count)
    thread.start()
    thread.join()
    assert found == [False]
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
@pytest.mark.parametrize(
    ("write", "read"),
    [
        (write_json, lambda text: [json.loads(text)]),
        (
            partial(write_json, indent=None),
            lambda text: [json.loads(line) for line in text.splitlines()],
        ),
        (lambda stream, row: write_json_array(stream, [row]), json.loads),
    ],
)
def test_json_is_the_same_in_every_encoding_of_the_stream(encoding, write, read):
    row = {"path": "café – 写真 \udcff\n"}
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="backslashreplace")
    write(OutputWrapper(stream), row)
    stream.flush()
    assert read(stream.buffer.getvalue().decode("ascii")) == [row]


@pytest.mark.django_db
def test_a_database_error_with_one_job_does_not_affect_the_others(monkeypatch, capsys):
    first, lost, last = (factories.make_job("queued", left=1) for _ in range(3))
    cancel = services.cancel_job

    def cancel_or_fail(job_id, **more):
        if job_id == lost.pk:
            raise OperationalError("the connection\nis lost")
        cancel(job_id, **more)

    monkeypatch.setattr(canceljob.Command, "service", staticmethod(cancel_or_fail))
    ids = [str(job.pk) for job in (first, lost, last)]
    with pytest.raises(CommandError, match="the connection is lost") as end:
        call_command("canceljob", *ids, "--json")
    out, err = capsys.readouterr()
    answers = json.loads(out)
    assert [answer["id"] for answer in answers] == ids
    assert [answer.get("success") for answer in answers] == [True, None, True]
    assert "the connection is lost" in answers[1]["error"]
    assert err.startswith(f"Error: {lost.pk}: The database ")
    assert (err.count("\n"), end.value.returncode) == (1, 1)


@pytest.mark.django_db
def test_actions_before_ctrl_c_are_reported(monkeypatch, capsys):
    first, second = (factories.make_job("queued", left=1) for _ in range(2))
    pause = services.pause_job

    def pause_once(job_id, **more):
        if job_id == second.pk:
            raise KeyboardInterrupt
        pause(job_id, **more)

    monkeypatch.setattr(pausejob.Command, "service", staticmethod(pause_once))
    with pytest.raises(KeyboardInterrupt):
        call_command("pausejob", str(first.pk), str(second.pk), "--json")
    assert json.loads(capsys.readouterr().out) == [{"id": str(first.pk), "success": True}]


@pytest.mark.django_db
def test_an_action_is_reported_if_the_numbers_cannot_be_read_afterwards(monkeypatch, capsys):
    def lost(job_id):
        raise OperationalError("lost")

    job = factories.make_job("queued", left=1)
    monkeypatch.setattr("jobs.management.bulk.read_status", lost)
    call_command("canceljob", str(job.pk))
    assert capsys.readouterr().out == f"Cancelled {job.pk}\n"
