"""A secret of the environment is left to nobody else."""

import json
import os
import subprocess
import sys

CODE = """
import json, os, subprocess, sys
from jobs.processes.environment import take_secret
value = take_secret("ADMIN_PASSWORD")
child = subprocess.run(["env"], capture_output=True, text=True, check=True).stdout
shown = open("/proc/self/environ", "rb").read().decode(errors="replace")
print(json.dumps({"value": value, "child": child, "shown": shown, "path": os.environ["PATH"]}))
"""


def test_a_secret_is_read_once_and_no_process_finds_it_afterwards():
    environment = {
        **os.environ,
        "ADMIN_PASSWORD": "hush hush",
        "MAKEFLAGS": " -- ADMIN_PASSWORD=hush\\ hush",
        "MAKEOVERRIDES": "${-*-command-variables-*-}",
        "BATCHSITE_OTHER": "stays",
    }
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert found["value"] == "hush hush"
    assert found["path"] == os.environ["PATH"]
    for place in ("child", "shown"):
        assert "hush" not in found[place]
        assert "BATCHSITE_OTHER=stays" in found[place]
