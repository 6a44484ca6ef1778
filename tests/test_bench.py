"""The benchmarks run, with few items. What they measure is not judged here."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.bench.goals import goals
from tests.bench.growth.watchers import FULL_ANSWER, PACE_SECONDS, Page, summary
from tests.bench.numbers import overhead, percentile
from tests.bench.verifying.corpus import LEAST_FILES
from tests.bench.verifying.memory import PASSES, growth
from tests.bench.verifying.report import verifying
from tests.bench.verifying.tools import Tool
from tests.bench.work import Work, starts, traced


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """A run of the harness with a hundredth of the work."""
    folder = tmp_path_factory.mktemp("bench") / "made" / "by the run"
    chosen = ["--engines", "loop,raw_50,batchsite,django_q", "--stacks", "sqlite"]
    chosen += ["--growth", "site,items,library,pages", "--out", str(folder)]
    chosen += ["--verify", "png", "--older", ""]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", *chosen],
        env={**os.environ, "BENCH_SCALE": "0.01"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=360,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    page = (folder / "benchmarks.md").read_text()
    return json.loads((folder / "benchmarks.json").read_text()), page


@pytest.mark.bench
def test_every_chosen_engine_is_measured(found):
    engines = found[0]["engines"]["sqlite"]
    assert list(engines) == ["loop", "raw_50", "batchsite", "django_q"]
    for one in engines.values():
        assert [len(rates) for rates in one["rates"].values()] == [3, 3, 3]
        assert min(min(rates) for rates in one["rates"].values()) > 0


@pytest.mark.bench
def test_nothing_starts_after_a_cancel_of_this_engine(found):
    assert found[0]["engines"]["sqlite"]["batchsite"]["cancel"]["after"] == [0, 0, 0]


@pytest.mark.bench
def test_growth_is_measured(found):
    growth = found[0]["growth"]["sqlite"]
    assert 0 < min(growth["site"]["warm"]) <= max(growth["site"]["warm"]) < 20
    assert min(growth["site"]["pss"]) > 30e6
    assert growth["site"]["processes"] == 9
    assert [job["items"] for job in growth["items"]["jobs"]] == [1000, 10000]
    assert all(len(times) > 1 for times in growth["library"]["10"].values())
    for kind in ("waits", "hashes"):
        watched = growth["pages"][kind]["100"]
        assert 0 < watched["p50"] <= watched["p95"] <= watched["p99"]
        assert min(watched["requests"], watched["rate"]) > 0


@pytest.mark.bench
def test_checks_of_pictures_are_measured_by_a_cluster_and_in_one_process(found):
    pictures = found[0]["verify"]["png"]
    assert pictures["files"] == LEAST_FILES
    own = pictures["runs"]["this build"]
    assert len(own["seconds"]) == len(own["cpu_seconds"]) == 3
    assert min(own["seconds"] + own["cpu_seconds"]) > 0
    assert len(pictures["memory"]) == PASSES
    assert "| verify, PNG: growth of a worker, MiB | at most 4 |" in found[1]


@pytest.mark.bench
def test_page_has_the_machine_and_all_tables(found):
    page = found[1]
    for heading in (
        "The machine",
        "Goals",
        "SQLite + ORM broker",
        "The whole site",
        "More items",
        "Pages that",
        "The checks of",
    ):
        assert f"## {heading}" in page
    assert "FAILED" not in page


def test_folder_that_cannot_be_written_is_refused_before_anything_is_measured(tmp_path):
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "folder"
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--engines", "", "--out", str(out)],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert f"nothing can be written to {out}" in done.stderr
    assert done.stdout == ""


def made_up(**rates):
    """What a run would find with these items per second."""
    engines = {name: {"label": name, "rates": {"noop": [rate]}} for name, rate in rates.items()}
    return {"engines": {"sqlite": engines}}


def test_goal_is_reached_missed_or_not_measured():
    text = goals(made_up(raw=20_000, batchsite=10_000, django_q=600))
    assert (
        "| SQLite, noop: part of raw SQL with one commit an item | at least 0.5 | 0.50 | reached |"
        in text
    )
    assert (
        "| SQLite, noop: times one django-q2 task per item | at least 20 | 16.7 | missed |" in text
    )
    assert (
        "| PostgreSQL, noop: times the best queue library | at least 10 | not measured |  |" in text
    )


def test_goals_of_growth_are_those_of_the_largest_job():
    calls = {call: [0.002, 0.004] for call in ("status", "cancel")}
    grown = {
        "site": {"warm": [0.03], "cold": [0.05], "pss": [1.4e8, 1.5e8], "start": [1.2]},
        "items": {"jobs": [{}, {"items": 100_000, "parts": [900, 1000], "prepared": 21.0}]},
        "library": {"10": calls, "making": {}, "100000": {"status": [0.012], "cancel": [0.003]}},
        "pages": {"waits": {"10": {}, "100": {"p95": 0.0195}}, "hashes": {"100": {"p95": 0.041}}},
    }
    text = goals({**made_up(), "growth": {"postgresql": grown}})
    for row in (
        "job of one item soon after another: request to end, ms | at most 40 | 30 | reached |",
        "job of one item after a pause: request to end, ms | at most 40 | 50 | missed |",
        "idle site: MB of memory | at most 150 | 145 | reached |",
        "site started again: seconds to a good /health | at most 1.4 | 1.20 | reached |",
        "100,000 items: slowest tenth by the quickest | at least 0.85 | 0.90 | reached |",
        "100,000 items: seconds to make them | at most 20 | 21 | missed |",
        "calls: large job by small, worst | at most 3 | 4.00 | missed |",
        "large job: slowest cancel, ms | at most 100 | 3.00 | reached |",
        "100 pages that watch one job: p95 of an answer, ms | at most 20 | 20 | reached |",
        "100 pages and every processor taken: p95 of an answer, ms | at most 20 | 41 | missed |",
    ):
        assert f"| PostgreSQL, {row}" in text


def test_failed_part_has_no_goals():
    grown = {"items": {"error": "it ended"}, "pages": {"waits": {"100": {"p95": 0.0195}}}}
    text = goals({**made_up(), "growth": {"sqlite": grown}})
    assert "100 pages that watch one job" in text
    assert "seconds to make them" not in text


def checked(memory, **cpu_seconds):
    """What a run would find for four photos of 1 MiB, each checked in these seconds."""
    runs = {
        label: {"seconds": [2 * seconds], "cpu_seconds": [seconds]}
        for label, seconds in cpu_seconds.items()
    }
    return {"jpeg": {"files": 4, "bytes": 4 * 1024**2, "memory": memory, "runs": runs}}


def test_goals_of_the_checks_are_ratios_of_processor_time():
    times = {"this build": 2.0, "build 1234": 7.0, "jpeginfo -c": 1.7}
    found = checked([50 * 1024**2] * 7 + [60 * 1024**2], **times)
    text = goals({**made_up(), "verify": found})
    assert "| verify, JPEG: times the older build | at least 3 | 3.5 | reached |" in text
    assert "| verify, JPEG: times jpeginfo -c | at least 0.9 | 0.85 | missed |" in text
    assert "| verify, JPEG: growth of a worker, MiB | at most 4 | 0.00 | reached |" in text
    page = "\n".join(verifying(found))
    assert "| build 1234 | 0 | 1,750.0 | 3.50 | 3.50 |" in page


def test_goal_of_a_program_that_is_not_there_is_not_measured():
    text = goals({**made_up(), "verify": checked([1] * PASSES, **{"this build": 2.0})})
    assert "| verify, JPEG: times jpeginfo -c | at least 0.9 | not measured |  |" in text
    assert "| verify, JPEG: times the older build | at least 3 | not measured |  |" in text


@pytest.mark.parametrize(
    ("passes", "grown"),
    [([10, 60, 70, 71, 70, 72, 70, 90], 0), ([10, 60, 70, 80, 90, 100, 110, 120], 30)],
)
def test_growth_is_that_of_the_last_half_after_the_libraries_are_loaded(passes, grown):
    assert growth(passes) == grown


def test_program_that_fails_a_whole_file_ends_the_measurement(tmp_path):
    (tmp_path / "a b.txt").write_bytes(b"x")
    spent = Tool("wc", ("wc",)).run([tmp_path / "a b.txt"])
    assert spent.seconds > 0 < spent.cpu_seconds
    with pytest.raises(RuntimeError, match="cmp failed"):
        Tool("cmp", ("cmp", "{}", "/dev/null")).run([tmp_path / "a b.txt"])


def test_overhead_is_what_a_worker_spends_beyond_the_loop():
    found = made_up(loop=2_000_000, batchsite=10_000)
    assert overhead(found, "sqlite", "batchsite", "noop") == pytest.approx(199e-6)


def test_traced_items_leave_their_start_times(tmp_path):
    trace = str(tmp_path / "trace")
    assert starts(trace) == []
    for key in Work("traced", 2, trace).item_keys():
        traced(key)
    first, second = starts(trace)
    assert second - first >= 0.01


def test_files_are_used_again_when_there_are_fewer_than_items(tmp_path):
    for name in "ab":
        (tmp_path / name).write_bytes(b"x")
    keys = list(Work("sha256", 5, str(tmp_path)).item_keys())
    assert [key[-1] for key in keys] == ["a", "b", "a", "b", "a"]


@pytest.mark.parametrize(
    ("values", "median", "most"),
    [([3.0], 3.0, 3.0), ([4, 1, 2, 3], 2, 4), (range(100, 0, -1), 50, 95), (range(201), 100, 190)],
)
def test_percentile_is_the_least_value_that_this_share_does_not_exceed(values, median, most):
    assert percentile(values, 50) == median
    assert percentile(values, 95) == most


def test_the_first_eighth_of_the_watching_does_not_count():
    answers = [(0.9, 9.0, 9000), (1.0, 0.01, 100), (7.9, 0.03, 300)]
    times = {"p50": 0.01, "p95": 0.03, "p99": 0.03}
    assert summary(answers, 8.0) == {"requests": 2 / 7, **times, "bytes": 200.0}


def answer(cursor, items=()):
    return json.dumps({"cursor": cursor, "items": list(items)}).encode()


def test_a_watching_page_follows_the_cursor_and_shows_the_tag_where_it_did_not_move():
    page = Page("7", "secret")
    assert page.request().startswith(b"GET /api/jobs/7?after= HTTP/1.1\r\n")
    assert page.answered(200, 'W/"a"', answer("3.4")) == PACE_SECONDS
    assert b"?after=3.4 " in page.request()
    assert b"If-None-Match" not in page.request()
    page.answered(200, 'W/"b"', answer("3.4"))
    assert page.answered(304, 'W/"b"', b"") == PACE_SECONDS
    assert page.request().endswith(b'\r\nIf-None-Match: W/"b"\r\n\r\n')


def test_a_watching_page_asks_at_once_after_a_full_answer():
    assert Page("7", "secret").answered(200, "", answer("500", range(FULL_ANSWER))) == 0.0


def test_an_error_ends_the_watching():
    with pytest.raises(RuntimeError, match="404"):
        Page("7", "secret").answered(404, "", b"{}")
