"""The documentation misses nothing that the code has."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from jobs.conf import defaults
from jobs.progress.status import Progress, RunningItem, Status
from tests.browser.screenshots import LOOKS, STATES

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]


@pytest.mark.parametrize("name", defaults())
def test_every_setting_of_the_engine_is_documented_with_its_default(name):
    text = (ROOT / "docs/reference/settings.md").read_text()

    row = re.search(rf"^\| `JOBS_{name}` \| ([^|]+) \|", text, re.MULTILINE)

    assert row, f"docs/reference/settings.md does not document JOBS_{name}"
    assert float(row[1]) == defaults()[name]


def test_every_variable_that_the_site_reads_is_documented():
    text = (ROOT / "docs/reference/settings.md").read_text()
    sources = "\n".join(path.read_text() for path in (ROOT / "batchsite/settings").glob("*.py"))

    read = set(
        re.findall(r"env\.(?:text|flag|number|path|names|decimal)\(\s*\"([A-Z_]+)\"", sources)
    )

    assert len(read) > 8
    assert {name for name in read if f"`{name}`" not in text} == set()


@pytest.mark.parametrize("shape", [Status, Progress, RunningItem])
def test_every_field_of_the_status_object_is_in_its_table(shape):
    text = (ROOT / "docs/reference/api.md").read_text()

    table = text.partition("### The status object")[2].partition("\n#")[0]
    named = set(re.findall(r"[`\"](\w+)[`\"]", table))

    assert {field.name for field in fields(shape)} - named == set()


@pytest.mark.parametrize("state", STATES)
def test_every_state_of_the_page_is_shown_in_every_look(state):
    text = (ROOT / "docs/reference/states.md").read_text()

    assert re.findall(rf"img/{state}-({'|'.join(LOOKS)})\.png", text) == ["dark", "light", "narrow"]


def test_every_picture_is_shown_somewhere():
    text = "\n".join(document.read_text() for document in DOCUMENTS)

    pictures = {path.name for path in (ROOT / "docs/img").iterdir()}

    assert {name for name in pictures if f"img/{name}" not in text} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_pictures_in_documents_lead_somewhere(document):
    text = document.read_text()
    targets = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text)
    targets += re.findall(r"(?:src|srcset)=\"([^\"]+)\"", text)

    broken = [
        target
        for target in targets
        if "://" not in target and not (document.parent / target).exists()
    ]

    assert broken == []


@pytest.mark.parametrize("document", ["docs/architecture.md", "docs/explanation.md"])
def test_paths_and_names_in_a_document_exist_in_the_code(document):
    """As in `states.py: TRANSITIONS`; without a folder of its own a path is below jobs/."""
    text = (ROOT / document).read_text()
    named = re.findall(r"`([a-z][\w./-]*(?:/|\.py|\.md|\.html|\.js))(?:: (\w+))?`", text)

    found = {path: _existing(path) for path, _ in named}

    assert len(named) > 10
    assert sorted(path for path, there in found.items() if there is None) == []
    assert [
        f"{path}: {name}"
        for path, name in named
        if name and not re.search(rf"\b{name}\b", found[path].read_text())
    ] == []


def _existing(path):
    return next((base / path for base in (ROOT, ROOT / "jobs") if (base / path).exists()), None)
