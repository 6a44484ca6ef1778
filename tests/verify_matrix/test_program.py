"""The program works from end to end, on files that Python alone makes and reads."""

import json
import random
from dataclasses import asdict

import pytest

from tests.verify_matrix.__main__ import DOCS, main
from tests.verify_matrix.damage import DAMAGES, damages
from tests.verify_matrix.matrix import Case
from tests.verify_matrix.producers import KINDS, make
from tests.verify_matrix.producers.recipe import program
from tests.verify_matrix.report import BEGIN, END, failed, markdown, table, write_into_docs
from tests.verify_matrix.tools import Tool


def test_matrix_of_one_kind_is_measured_and_written(tmp_path):
    ended = main(["--out", str(tmp_path), "--kinds", "JSON", "--count", "2", "--processes", "0"])

    found = json.loads((tmp_path / "matrix.json").read_text())
    assert len(found["cases"]) == 2 * (1 + len(DAMAGES))
    wholes = [case for case in found["cases"] if not case["damage"]]
    assert {case["state"] for case in wholes} == {"whole"}
    cuts = [case for case in found["cases"] if case["damage"].startswith("cut")]
    assert {case["state"] for case in cuts} == {"broken"}
    assert all(any(case["complaints"].values()) for case in cuts)
    assert ended == 0
    assert "| JSON | 0 of 2 | 6 of 6 (6) |" in (tmp_path / "matrix.md").read_text()


def test_kinds_are_added_to_an_earlier_run_and_judged_again_without_tools(tmp_path, monkeypatch):
    options = ["--out", str(tmp_path), "--count", "1", "--processes", "0"]
    for kind in ("XML", "JSON"):
        main([*options, "--kinds", kind])
    before = json.loads((tmp_path / "matrix.json").read_text())
    assert {case["kind"] for case in before["cases"]} == {"XML", "JSON"}

    monkeypatch.setattr(Tool, "complaint", None)
    (tmp_path / "files" / "json" / "json-00.json").write_text("[")
    assert main([*options, "--again"]) == 1

    after = json.loads((tmp_path / "matrix.json").read_text())
    changed = [
        (was["file"], now["state"])
        for was, now in zip(before["cases"], after["cases"], strict=True)
        if was != now
    ]
    assert changed == [("json-00.json", "broken")]


def test_failures_of_a_corpus_are_listed_with_what_a_tool_says(tmp_path, capsys):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "whole.json").write_text("[1, 2]")
    (folder / "cut.json").write_text("[1, 2")
    (folder / "link.json").symlink_to("cut.json")

    arguments = ["--out", str(tmp_path), "--processes", "0", "--corpus", str(folder)]
    assert main(arguments) == 0

    found = json.loads((tmp_path / "corpus.json").read_text())
    assert found["files"] == 2
    assert [failure["file"] for failure in found["failures"]] == [str(folder / "cut.json")]
    assert "Failures that a tool confirms: 1" in (tmp_path / "corpus.md").read_text()
    assert "cut.json" in capsys.readouterr().out


def test_damage_is_the_same_each_time_and_changes_the_file():
    whole = bytes(30_000) + random.Random(1).randbytes(50_000)
    first, second = damages(whole), damages(whole)
    assert first == second
    assert set(first) == set(DAMAGES)
    assert whole not in first.values()


def test_file_that_zeros_would_not_change_is_refused():
    with pytest.raises(ValueError, match="nothing but zeros"):
        damages(bytes(50_000))


@pytest.mark.parametrize(
    ("case", "fails"),
    [
        (Case("K", "r", "f", "", "whole"), False),
        (Case("K", "r", "f", "", "broken"), True),
        (Case("K", "r", "f", "bit", "whole", complaints={"tool": "bad"}), True),
        (Case("K", "r", "f", "bit", "warning", complaints={"tool": "bad"}), False),
        (Case("K", "r", "f", "bit", "whole", complaints={"tool": "bad"}, accused=["tool"]), False),
    ],
)
def test_run_fails_for_a_whole_file_that_fails_and_for_damage_that_only_a_tool_sees(case, fails):
    found = {"cases": [asdict(case)], "skipped": {}}
    assert failed(found) == fails
    assert "# The damage matrix" in markdown(found)
    assert table([case]).splitlines()[-1].startswith("| K |")


def test_table_is_written_between_the_marks_of_the_docs(tmp_path):
    page = tmp_path / "page.md"
    shipped = DOCS.read_text()
    begin, end = shipped.index(BEGIN), shipped.index(END)
    page.write_text(f"before {shipped[begin : end + len(END)]} after")
    found = {"cases": [asdict(Case("Kind", "r", "f", "", "whole"))], "skipped": {}}
    for _ in range(2):
        write_into_docs(found, page)
    text = page.read_text()
    assert text.startswith("before ")
    assert text.endswith(" after")
    assert text.count("| Kind | 0 of 1 |") == 1
    assert "Of 1 whole files, none failed." in text


def test_recipe_without_its_program_is_skipped(tmp_path, monkeypatch):
    recipes = [program("Nothing", "x", "no-such-program {out}")]
    monkeypatch.setattr("tests.verify_matrix.producers.RECIPES", recipes)
    made = make("Nothing", 3, tmp_path)
    assert made.files == []
    assert made.skipped == ["no-such-program: no-such-program is not installed"]


@pytest.mark.parametrize(
    ("code", "tool", "line"),
    [
        ("pass", {}, ""),
        ("print('fine')", {"words": "error"}, ""),
        ("print('An ERROR of it')", {"words": "error"}, "An ERROR of it"),
        ("print('a word')", {"silent": True}, "a word"),
        ("print('why'); raise SystemExit(3)", {}, "status 3: why"),
        ("raise SystemExit(3)", {"status": False}, ""),
    ],
)
def test_tool_complains_by_its_status_and_its_words(tmp_path, code, tool, line):
    path = tmp_path / "a.txt"
    assert Tool(f'{{python}} -c "{code}" {{file}}', **tool).complaint(path) == line


def test_at_least_25_kinds_have_recipes():
    assert len(KINDS) >= 25


def test_warning_that_the_whole_file_has_as_well_does_not_count_as_found():
    whole = Case("K", "r", "f", "", "warning", "structure", "Whole, but")
    same = Case("K", "r", "f", "bit", "warning", "structure", "Whole, but")
    other = Case("K", "r", "f", "zeros", "warning", "structure", "Whole, but damaged")
    row = table([whole, same, other]).splitlines()[-1]
    assert row == "| K | 0 of 1 | 0 of 0 (0) | 1 of 1 (0) | 0 of 1 (0) | 0 of 0 (0) |"
