"""Runs the tests of the page's modules, and looks for what the modules must never do."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.requirements import require_or_skip, require_program

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STRING_BECOMES_HTML = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment"
    r"|DOMParser|setHTML|srcdoc|\beval\(|new Function"
)
CANCEL_BUTTON = re.compile(
    r'<button class="btn btn-danger" id="progressCancelBtn"\s+'
    r'onclick="cancelCurrentJob\(\)" style="display: none;">\s*Cancel\s*</button>'
)


def test_node_tests() -> None:
    node = require_program("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.lstrip("v").partition(".")[0]) < 18:
        require_or_skip(f"node {version.strip()} has no test runner; 18 or newer is needed")
    tests = [str(path) for path in sorted((ROOT / "tests" / "js").glob("*.test.mjs"))]
    assert tests
    run = subprocess.run(
        [node, "--test", *tests], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_string_becomes_html(script: Path) -> None:
    found = STRING_BECOMES_HTML.search(script.read_text())
    assert found is None, found


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_modules_stay_small(script: Path) -> None:
    assert len(script.read_text().splitlines()) <= 250


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_the_only_inline_script_and_style_are_the_cancel_buttons(template: Path) -> None:
    text = CANCEL_BUTTON.sub("", template.read_text())
    assert not re.search(r"\son\w+=", text)
    assert not re.search(r"\sstyle=", text)
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)


def test_the_cancel_button_is_written_as_in_its_document() -> None:
    modal = (ROOT / "templates" / "partials" / "progress_modal.html").read_text()
    assert CANCEL_BUTTON.search(modal)
