"""The executor's limits, in a process that has them."""

import os

import pytest

from jobs.operations.files import atomic_write
from jobs.worker.sandbox import prepare_executor


@pytest.mark.parametrize(("umask", "mode"), [(0o077, 0o600), (0o022, 0o644)])
def test_executor_writes_outputs_with_the_permissions_of_the_setting(
    tmp_path, settings, umask, mode
):
    settings.OUTPUTS_UMASK = umask
    me = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            prepare_executor(me)
            with atomic_write(tmp_path / "output") as stream:
                stream.write(b"x")
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    assert (tmp_path / "output").stat().st_mode & 0o777 == mode
