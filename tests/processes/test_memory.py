"""Memory that forks share."""

import subprocess
import sys

import pytest

SCRIPT = """
import os, resource, sys
from jobs.processes.memory import settle
pieces = [bytes(1000) for _ in range(20_000)]
del pieces[::2]  # 10,000 holes, in 20 MB
if sys.argv[1] == "settled":
    settle()
pid = os.fork()
if pid == 0:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    large = bytes(100_000)
    os._exit(min(255, (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) // 10))
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


def tens_of_copied_pages(case):
    return int(subprocess.check_output([sys.executable, "-c", SCRIPT, case], text=True))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="measures glibc's malloc")
def test_large_allocation_in_a_fork_copies_few_pages_of_a_settled_process():
    assert tens_of_copied_pages("settled") < 10
