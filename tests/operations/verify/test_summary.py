"""What `verify` says about a job as a whole."""

import pytest

from jobs.backends import JobTotals
from jobs.models import Job
from jobs.operations import summarize
from jobs.operations.totals import add_totals
from jobs.operations.verify.kinds import LABELS, short_label
from jobs.progress.status import progress_of
from tests.operations.verify.samples import TEXT, samples

ELF = b"\x7fELF\x02\x01\x01" + bytes(200)


def said(totals, failed=0):
    job = Job(status="processing", total_items=100_000)
    progress = progress_of(job, JobTotals(succeeded=1, failed=failed))
    return summarize("verify", progress, totals)


def not_looked_into(**kinds):
    by_kind = {f"not_looked_into: {kind}": count for kind, count in kinds.items()}
    return {"not_looked_into": sum(kinds.values()), **by_kind}


def test_summary_counts_whole_broken_and_what_was_not_looked_into():
    totals = {"whole": 2310, **not_looked_into(psd=80, rar=300)}
    assert said(totals, failed=41) == (
        "2,310 whole · 41 broken · 380 not looked into: RAR 300, Photoshop 80"
    )


@pytest.mark.parametrize(
    ("totals", "failed", "sentence"),
    [
        ({}, 0, None),
        ({}, 2, "2 broken"),
        ({"whole": 1}, 0, "1 whole"),
        ({"whole": 5, "empty": 2}, 1, "5 whole · 2 empty · 1 broken"),
        (not_looked_into(text=1), 0, "1 not looked into: text 1"),
        ({"not_looked_into": 3, "other names": 3}, 0, "3 not looked into"),
    ],
)
def test_summary_names_only_what_there_is(totals, failed, sentence):
    assert said(totals, failed) == sentence


def test_summary_names_the_largest_kinds_and_counts_the_others():
    kinds = {"rar": 5, "text": 9_000, "binary": 7, "elf": 4, "ole": 5, "sqlite": 1}
    assert said(not_looked_into(**kinds)) == (
        "9,022 not looked into: text 9,000, unknown data 7, OLE 5, RAR 5, other 5"
    )


def test_results_add_what_the_summary_counts(verify):
    results = [
        verify("photo.jpg", samples()["photo.jpg"]),
        verify("tone.wav", samples()["tone.wav"]),
        verify("notes.txt", TEXT.encode()),
        verify("archive.zip", ELF),
        verify("empty", b""),
    ]
    assert add_totals({}, [result.totals for result in results]) == {
        "whole": 2,
        "not_looked_into": 2,
        "not_looked_into: text": 1,
        "not_looked_into: elf": 1,
        "empty": 1,
    }


def test_names_of_all_kinds_are_short_in_a_list():
    assert [short_label(kind) for kind in ("rar", "psd", "cr2", "text", "martian")] == [
        "RAR",
        "Photoshop",
        "CR2",
        "text",
        "martian",
    ]
    assert all(0 < len(short_label(kind)) <= 27 for kind in LABELS)
