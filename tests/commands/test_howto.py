"""The commands and the Python code of the how-tos work as written."""

import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from django.conf import settings
from django.core.management import call_command

from jobs import exceptions, services
from jobs.models import Job
from jobs.services import Actor
from jobs.states import FINISHED

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


@pytest.mark.slow(60)
def test_the_commands_of_the_howto_succeed(site):
    path = f"{Path(sys.executable).parent}:{site.env['PATH']}"
    script = "\n".join(["set -euo pipefail", *blocks("commands.md", "sh")])
    done = subprocess.run(
        ["bash", "-c", script],
        env=site.env | {"PATH": path}, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert (
        "Completed: 13 succeeded (13 with a warning). 13 not looked into: text 13." in done.stderr
    )
    assert "not all is well" not in done.stdout


def test_the_python_code_of_the_howto_does_what_it_says(site, capsys):
    call_command("scanlibrary")
    capsys.readouterr()
    found = {}
    for block in blocks("from-your-code.md", "python"):
        exec(compile(block, "from-your-code.md", "exec"), found)
    out = capsys.readouterr().out
    assert "Not in the library: “no/such/file.jpg”." in out
    assert out.count("succeeded letters/") == 12
    assert "processed=13" in out
    assert found["broken"] == []
    assert "No file of this job has failed; there is nothing to retry." in out
    assert Job.objects.get(pk=found["job"].pk).status in FINISHED


def test_the_table_of_functions_lists_their_arguments_and_errors():
    text = (HOWTO / "from-your-code.md").read_text()
    rows = re.findall(r"^\| `(\w+)\((.*?)\)` \| (.*) \|$", text, re.M)
    assert len(rows) == 10
    for name, taken, raised in rows:
        function = getattr(services, name)
        given = {one for one in taken.split(", ") if one != "*"}
        optional = {"jobs", "progress"}
        assert given == set(inspect.signature(function).parameters) - optional, name
        named = set(re.findall(r"`([A-Z]\w+)`", raised))
        if name == "dry_run_job":
            continue  # documented as those of start_job
        documented = {one for one in vars(exceptions) if re.search(rf"\b{one}\b", function.__doc__)}
        assert named == documented, name


def test_the_howto_lists_all_sources_of_an_actor():
    text = (HOWTO / "from-your-code.md").read_text()
    named = re.search(r"Its `source` is (.*?)\.", text, re.S)[1]
    sources = Actor.__dataclass_fields__["source"].type
    assert re.findall(r'`"(\w+)"`', named) == list(get_args(sources))
