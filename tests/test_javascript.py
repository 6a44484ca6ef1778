"""The page's modules: runs their own tests, and checks rules that hold for all of them."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.requirements import require_or_skip, require_program

ROOT = Path(__file__).resolve().parents[1]
JS = ROOT / "static" / "js"
TESTS = ROOT / "tests" / "js"
SCRIPTS = sorted(JS.rglob("*.js"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STRING_BECOMES_HTML = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment"
    r"|DOMParser|setHTML|srcdoc|\beval\(|new Function"
)
CANCEL_BUTTON = re.compile(
    r'<button class="btn btn-danger" id="progressCancelBtn"\s+'
    r'onclick="cancelCurrentJob\(\)" style="display: none;">\s*Cancel\s*</button>'
)


def _path_in_js(script: Path) -> str:
    return script.relative_to(JS).as_posix()


def test_node_tests_pass() -> None:
    node = require_program("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.lstrip("v").partition(".")[0]) < 18:
        require_or_skip(f"node {version.strip()} has no test runner; 18 or newer is needed")
    tests = [str(path) for path in sorted(TESTS.rglob("*.test.mjs"))]
    assert tests
    run = subprocess.run(
        [node, "--test", *tests], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]


def test_each_test_file_mirrors_a_module() -> None:
    """`text/sentences` tests all modules of text/ that turn a status object into sentences."""
    names = {path.relative_to(TESTS).as_posix() for path in TESTS.rglob("*.test.mjs")}
    modules = {_path_in_js(script).replace(".js", ".test.mjs") for script in SCRIPTS}
    assert names - modules == {"text/sentences.test.mjs"}


@pytest.mark.parametrize("script", SCRIPTS, ids=_path_in_js)
def test_no_string_becomes_html(script: Path) -> None:
    found = STRING_BECOMES_HTML.search(script.read_text())
    assert found is None, found


@pytest.mark.parametrize("script", SCRIPTS, ids=_path_in_js)
def test_module_has_at_most_250_lines(script: Path) -> None:
    assert len(script.read_text().splitlines()) <= 250


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_only_the_cancel_button_has_inline_script_or_style(template: Path) -> None:
    text = CANCEL_BUTTON.sub("", template.read_text())
    assert not re.search(r"\son\w+=", text)
    assert not re.search(r"\sstyle=", text)
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)


def test_cancel_button_markup_is_as_documented() -> None:
    modal = (ROOT / "templates" / "partials" / "progress_modal.html").read_text()
    assert CANCEL_BUTTON.search(modal)
