"""What the how-tos tell people to type works when it is typed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from jobs.models import Job
from jobs.states import ENDED

HOWTO = Path(settings.BASE_DIR) / "docs" / "howto"
FILES = {f"letters/{number:02}.txt": b"Dear all" for number in range(12)} | {
    "new\nline.txt": b"x",
    "data.json": b"{}",
}


def blocks(document, language):
    found = re.findall(rf"^```{language}\n(.*?)^```", (HOWTO / document).read_text(), re.M | re.S)
    assert len(found) > 3
    return found


@pytest.fixture(scope="module")
def site(module_site_factory):
    found = module_site_factory("sqlite", files=FILES, workers=2)
    found.start_cluster()
    return found


def test_the_commands_of_the_howto(site):
    path = f"{Path(sys.executable).parent}:{site.env['PATH']}"
    script = "\n".join(["set -euo pipefail", *blocks("commands.md", "sh")])
    done = subprocess.run(
        ["bash", "-c", script],
        env=site.env | {"PATH": path}, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "Completed: 13 succeeded." in done.stderr
    assert "not all is well" not in done.stdout


def test_the_python_of_the_howto(site, capsys):
    site.run("scanlibrary")
    found = {}
    for block in blocks("from-your-code.md", "python"):
        exec(compile(block, "from-your-code.md", "exec"), found)
    told = capsys.readouterr().out
    assert "Not in the library: “no/such/file.jpg”." in told
    assert told.count("succeeded letters/") == 12
    assert "'processed': 13" in told
    assert found["broken"] == []
    assert Job.objects.get(pk=found["job"].pk).status in ENDED
