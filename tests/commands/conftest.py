"""Commands that run as processes beside a test."""

import subprocess

import pytest

from tests.support.stacks import manage


@pytest.fixture
def start(site):
    """Start a command as a process; it is killed at the end of the test."""
    running = []

    def begin(*arguments):
        process = subprocess.Popen(
            manage(*arguments), env=site.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()
