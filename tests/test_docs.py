"""The documentation misses nothing that the code has."""

import re
from pathlib import Path

import pytest

from jobs import conf
from tests.browser.screenshots import LOOKS, STATES

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("name", conf.NAMES)
def test_every_setting_of_the_engine_is_documented_with_its_default(name):
    text = (ROOT / "docs/reference/settings.md").read_text()

    row = re.search(rf"^\| `JOBS_{name}` \| ([^|]+) \|", text, re.MULTILINE)

    assert row, f"docs/reference/settings.md does not tell of JOBS_{name}"
    assert float(row[1]) == getattr(conf.Defaults(), name)


def test_every_variable_that_the_site_reads_is_documented():
    text = (ROOT / "docs/reference/settings.md").read_text()
    sources = "\n".join(path.read_text() for path in (ROOT / "batchsite/settings").glob("*.py"))

    read = set(
        re.findall(r"env\.(?:text|flag|number|path|names|decimal)\(\s*\"([A-Z_]+)\"", sources)
    )

    assert len(read) > 8
    assert {name for name in read if f"`{name}`" not in text} == set()


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
