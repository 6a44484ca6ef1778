"""Outcomes: each operation has its own for each file, and finds the files that it lacks."""

import threading
import uuid

import pytest
from django.db import connection, transaction

from jobs.library import outcomes
from jobs.library.disk import FoundFile
from jobs.library.queries import list_files, select_files
from jobs.library.writer import Batch, write
from jobs.models import LibraryFile, Outcome, UsedOperation
from tests.library.factories import add_files
from tests.support.factories import outcome_of, set_outcomes


@pytest.fixture
def used(library):
    """Ten files: `verify` has processed nine of them, `preview` has failed at one."""
    for operation in ("verify", "preview"):
        outcomes.use(operation)
    add_files(*(str(number) for number in range(10)))
    set_outcomes(LibraryFile.objects.exclude(path="5"), status="succeeded")
    set_outcomes(LibraryFile.objects.filter(path="7"), operation="preview", status="failed")
    return library


def listed(operation, status, **words):
    count, _, rows = list_files(operation=operation, status=status, **words)
    found = select_files(operation=operation, status=status, **words)
    assert [row.file.path for row in rows] == list(found.values_list("path", flat=True))
    assert count == len(rows)
    return [row.file.path for row in rows]


@pytest.mark.parametrize("complete", [False, True])
def test_files_are_listed_by_the_outcome_of_the_operation_that_is_named(used, complete):
    if complete:
        outcomes.complete()
    assert listed("verify", "succeeded") == list("012346789")
    assert listed("verify", "failed") == []
    assert listed("verify", "unprocessed") == ["5"]
    assert listed("preview", "failed") == ["7"]
    assert listed("preview", "unprocessed") == list("012345689")
    assert listed("never used", "unprocessed") == list("0123456789")
    assert listed("preview", "unprocessed", search="5") == ["5"]


def test_a_row_has_the_outcome_of_the_operation_that_is_named(used):
    shown = {row.file.path: row.outcome for row in list_files(operation="preview")[2]}
    assert shown["7"].status == "failed"
    assert shown["0"] is None


def test_operation_that_has_processed_many_files_gets_an_outcome_for_all(used):
    outcomes.use("rare")
    outcomes.complete()
    assert {used.name: used.complete for used in UsedOperation.objects.all()} == {
        "verify": True,
        "preview": True,
        "rare": False,
    }
    assert Outcome.objects.filter(operation="verify").count() == 10
    assert outcome_of("5").status == "unprocessed"
    assert outcome_of("0").status == "succeeded"


def test_unprocessed_files_of_a_complete_operation_come_from_an_index(used):
    outcomes.complete()
    rows = select_files(operation="verify", status="unprocessed")
    assert "NOT EXISTS" not in str(rows.query).upper()
    write(Batch(add=[FoundFile("new", 1, 1)]))
    assert listed("verify", "unprocessed") == ["5", "new"]
    changed = LibraryFile.objects.get(path="3")
    write(Batch(change=[(changed.pk, FoundFile("3", 2, 2))]))
    assert listed("verify", "unprocessed") == ["3", "5", "new"]


def test_operation_for_some_kinds_is_complete_without_the_others(library):
    outcomes.use("preview", ["image", "pdf"])
    write(Batch(add=[FoundFile(name, 1, 1) for name in ("a.jpg", "b.jpg", "c.txt", "d.txt")]))
    set_outcomes(LibraryFile.objects.filter(path="a.jpg"), operation="preview", status="succeeded")

    outcomes.complete()

    assert UsedOperation.objects.get().complete
    assert listed("preview", "unprocessed", kinds=["image", "pdf"]) == ["b.jpg"]
    write(Batch(add=[FoundFile(name, 1, 1) for name in ("e.pdf", "f.txt")]))
    assert listed("preview", "unprocessed", kinds=["image", "pdf"]) == ["b.jpg", "e.pdf"]
    outcomes.use("preview", ["image"])
    assert not UsedOperation.objects.get().complete


def test_other_kinds_that_are_stored_meanwhile_are_not_taken_for_complete(library, monkeypatch):
    outcomes.use("op", ["image"])
    write(Batch(add=[FoundFile(name, 1, 1) for name in ("a.jpg", "b.jpg", "c.pdf")]))
    set_outcomes(LibraryFile.objects.filter(path="a.jpg"), operation="op", status="succeeded")
    fill = outcomes._fill

    def fill_and_change(used):
        fill(used)
        outcomes.use("op", ["image", "pdf"])

    monkeypatch.setattr(outcomes, "_fill", fill_and_change)
    outcomes.complete()
    monkeypatch.undo()
    assert not UsedOperation.objects.get().complete
    outcomes.complete()
    assert listed("op", "unprocessed", kinds=["image", "pdf"]) == ["b.jpg", "c.pdf"]


def test_changed_file_of_another_kind_gets_the_outcome_that_it_lacks(library):
    outcomes.use("op", ["archive"])
    write(Batch(add=[FoundFile(name, 1, 1) for name in ("a.zip", "old.cpio")]))
    LibraryFile.objects.filter(path="old.cpio").update(kind="other")
    Outcome.objects.all().delete()
    set_outcomes(LibraryFile.objects.filter(path="a.zip"), operation="op", status="succeeded")
    outcomes.complete()
    assert listed("op", "unprocessed", kinds=["archive"]) == []
    changed = LibraryFile.objects.get(path="old.cpio")
    write(Batch(change=[(changed.pk, FoundFile("old.cpio", 5, 7))]))
    assert listed("op", "unprocessed", kinds=["archive"]) == ["old.cpio"]


def test_operation_without_a_row_of_its_own_has_outcomes(library):
    """As of a job that was made before there were such rows."""
    add_files("a", "b")
    set_outcomes(LibraryFile.objects.filter(path="a"), operation="old", status="succeeded")
    assert listed("old", "unprocessed") == ["b"]


@pytest.mark.parametrize("complete", [False, True])
def test_unprocessed_files_of_another_kind_are_listed_when_asked_for(library, complete):
    outcomes.use("op", ["image"])
    write(Batch(add=[FoundFile(name, 1, 1) for name in ("a.jpg", "b.pdf")]))
    set_outcomes(LibraryFile.objects.filter(path="a.jpg"), operation="op", status="succeeded")
    if complete:
        outcomes.complete()
    assert listed("op", "unprocessed", kinds=["pdf"]) == ["b.pdf"]


def test_file_that_is_added_while_an_operation_becomes_complete_has_an_outcome(used):
    """The scan waits for the transaction that did not know yet that the operation is followed.

    On SQLite it waits for any writer.
    """
    began, may_end = threading.Event(), threading.Event()

    def add():
        with transaction.atomic():
            write(Batch(add=[FoundFile("new", 1, 1)]))
            began.set()
            may_end.wait(20)
        connection.close()

    def complete():
        outcomes.complete()
        connection.close()

    adding, completing = threading.Thread(target=add), threading.Thread(target=complete)
    adding.start()
    assert began.wait(20)
    completing.start()
    completing.join(0.2)
    may_end.set()
    for thread in (adding, completing):
        thread.join(20)
    assert UsedOperation.objects.get(pk="verify").complete
    assert outcome_of("new").pk is not None


def test_failure_of_a_file_that_is_gone_is_no_outcome(used):
    file_id = LibraryFile.objects.get(path="0").pk
    record_failure(file_id)
    assert (outcome_of("0").status, outcome_of("0").message) == ("failed", "It died")
    LibraryFile.objects.filter(pk=file_id).delete()
    record_failure(file_id)
    assert not Outcome.objects.filter(path="0").exists()


def record_failure(file_id):
    with transaction.atomic():
        outcomes.record_failure(file_id, "verify", uuid.uuid4(), "It died")
