"""Lock files, licences and the audit of the packages that the site uses."""

import json
import re
import socket
import sys

import pytest

from tests.lint import audit, licences
from tests.lint.licences import ROOT, locked

REQUIREMENTS = {
    "requirements.lock": ["requirements.txt"],
    "tests/requirements.lock": ["requirements.txt", "tests/requirements.txt"],
    ".ci/newest.lock": ["requirements.txt"],
}


def key(name):
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("lock", REQUIREMENTS)
def test_a_lock_file_holds_what_the_requirements_ask_for_and_hashes_for_everything(lock):
    text = (ROOT / lock).read_text()
    found = {key(name): version for name, version in locked(ROOT / lock).items()}
    wanted = {}
    for file in REQUIREMENTS[lock]:
        rows = re.findall(r"^([\w.-]+)(?:\[\w+\])?==(\S+)", (ROOT / file).read_text(), re.M)
        wanted |= {key(name): version for name, version in rows}
    if lock == ".ci/newest.lock":
        del wanted["django"]
        assert found["django"].startswith("6.1")
    assert len(wanted) > 15
    outdated = {name for name, version in wanted.items() if found.get(name) != version}
    assert outdated == set(), "run make lock"
    entries = re.findall(r"^[\w.-]+(?:\[[\w,]+\])?==(?:.*\\\n)*.*", text, re.M)
    assert len(entries) == len(found)
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_the_locks_of_site_and_tests_agree():
    site, tests = (locked(path) for path in licences.LOCKS.values())
    assert {name: tests.get(name) for name in site} == site


def table(**packages):
    return "".join(f"| {name} | 1.0 | {licence} |\n" for name, licence in packages.items())


@pytest.mark.parametrize(
    ("licence", "accepted"),
    [
        ("MIT", True),
        ("Apache-2.0 OR Proprietary", True),
        ("Apache-2.0 AND Proprietary", False),
        ("AGPL-3.0-only", False),
        ("not stated", False),
    ],
)
def test_a_licence_that_nobody_has_accepted_is_reported(licence, accepted):
    text = table(something=licence)
    assert (licences.problems(text, text) == []) == accepted


def test_a_list_of_licences_that_is_out_of_date_is_reported():
    assert licences.problems("", table(something="MIT")) == [
        "licences.md is not up to date. Run: make lock"
    ]


def test_an_audit_without_its_database_is_skipped_in_one_line(capsys):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: it refuses
        assert audit.main(nobody.getsockname(), ["/bin/false"]) == 0
    assert capsys.readouterr().out == (
        "pip-audit skipped: its database 127.0.0.1 cannot be reached.\n"
    )


@pytest.mark.parametrize(
    ("vulnerabilities", "code", "line"),
    [
        ([], 0, ""),
        (
            [{"id": "CVE-2026-1", "fix_versions": ["2.1"], "aliases": [], "description": ""}],
            1,
            "soup 2.0: CVE-2026-1; fixed in 2.1\n",
        ),
    ],
)
def test_a_known_vulnerability_fails_the_audit_and_is_named(capsys, vulnerabilities, code, line):
    report = {"dependencies": [{"name": "soup", "version": "2.0", "vulns": vulnerabilities}]}
    command = [sys.executable, "-c", f"print({json.dumps(report)!r})"]
    with socket.create_server(("127.0.0.1", 0)) as database:
        assert audit.main(database.getsockname(), command) == code
    assert capsys.readouterr().out == line


def test_a_database_that_fails_in_between_skips_the_audit(capsys):
    with socket.create_server(("127.0.0.1", 0)) as database:
        assert audit.main(database.getsockname(), [sys.executable, "-c", "exit(1)"]) == 0
    assert capsys.readouterr().out.startswith("pip-audit skipped:")
