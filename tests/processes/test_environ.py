"""Secrets in the environment: who finds them, in `/proc` and in child processes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.requirements import require_or_skip

SCRIPT = """
import json, os, subprocess, sys
import psutil
from jobs.processes.environ import conceal
conceal(["SECRET", "MISSING"])
conceal(["SECRET"])
json.dump({
    "memory": open("/proc/self/environ").read(),
    "psutil": psutil.Process().environ(),
    "python": os.environ["SECRET"],
    "explicit": subprocess.check_output(["printenv", "SECRET"], env=os.environ, text=True),
    "inherited": subprocess.check_output(["printenv"], text=True),
}, sys.stdout)
"""


TAKING = """
import json, os, subprocess, sys
from jobs.processes.environ import take_secret
value = take_secret("ADMIN_PASSWORD")
child = subprocess.run(["env"], capture_output=True, text=True, check=True).stdout
shown = open("/proc/self/environ", "rb").read().decode(errors="replace")
print(json.dumps({"value": value, "child": child, "shown": shown, "path": os.environ["PATH"]}))
"""


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    if not Path("/proc/self/environ").exists():
        require_or_skip("this system has no /proc")
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": os.getcwd(), "OTHER": "seen"}
    output = subprocess.check_output(
        [sys.executable, "-c", SCRIPT], env={"SECRET": "swordfish", **variables}, text=True
    )
    return json.loads(output)


def test_concealed_variable_is_not_in_the_memory_that_others_read(found):
    assert "swordfish" not in found["memory"]
    assert "OTHER=seen" in found["memory"]


def test_variables_behind_a_concealed_one_are_still_read_by_others(found):
    assert found["psutil"]["OTHER"] == "seen"
    assert set(found["psutil"]["SECRET"]) == {"*"}


def test_concealed_variable_is_still_known_to_python_and_can_be_passed_on(found):
    assert found["python"] == "swordfish"
    assert found["explicit"] == "swordfish\n"


def test_concealed_variable_is_not_inherited(found):
    assert "swordfish" not in found["inherited"]
    assert "OTHER=seen" in found["inherited"]


def test_a_secret_is_read_once_and_no_process_finds_it_afterwards():
    environment = {
        **os.environ,
        "ADMIN_PASSWORD": "hush hush",
        "MAKEFLAGS": " -- ADMIN_PASSWORD=hush\\ hush",
        "MAKEOVERRIDES": "${-*-command-variables-*-}",
        "BATCHSITE_OTHER": "stays",
    }
    done = subprocess.run(
        [sys.executable, "-c", TAKING], env=environment, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert found["value"] == "hush hush"
    assert found["path"] == os.environ["PATH"]
    for place in ("child", "shown"):
        assert "hush" not in found[place]
        assert "BATCHSITE_OTHER=stays" in found[place]
