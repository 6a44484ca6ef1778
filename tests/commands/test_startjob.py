"""startjob: which files, which parameters, what is written where."""

import io
import json
import sys
from contextlib import ExitStack

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import override_settings
from django.utils import timezone

from jobs.library.outcomes import use
from jobs.models import Job, JobEvent, JobItem, LibraryFile
from jobs.operations.keys import key_from_bytes
from jobs.signals import job_started
from tests.support.factories import set_outcomes
from tests.support.in_process import with_test_operations

pytestmark = pytest.mark.django_db

ODD = [
    b"plain.txt", b"with space.txt", b"new\nline.txt", b"tab\t.txt", b"caf\xc3\xa9.txt",
    b"not-\xff-utf8.txt", b"literal\\xff.txt", b"literal\\x0a.txt", b"-dash.txt", b"a=b.txt",
    b"carriage\r.txt", b"sub/./dir.txt", b"\xff\n\\x0a",
]  # fmt: skip


@pytest.fixture(autouse=True)
def operations():
    with with_test_operations():
        yield


@pytest.fixture
def library():
    """The keys of files with odd names, in the order of ODD."""
    keys = [key_from_bytes(name) for name in ODD]
    add_files(*keys)
    return keys


def add_files(*keys):
    LibraryFile.objects.bulk_create(
        LibraryFile(path=key, size=1, mtime_ns=1, modified=timezone.now(), kind="") for key in keys
    )


@pytest.fixture
def stdin(monkeypatch):
    def give(data):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    return give


def run(*arguments, **options):
    """Standard output of the command."""
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def keys_of(job_id):
    return list(
        JobItem.objects.filter(job=job_id).order_by("position").values_list("key", flat=True)
    )


def test_startjob_writes_only_the_id(library):
    out = run("startjob", "slow", "plain.txt")
    job = Job.objects.get()
    assert out == f"{job.pk}\n"
    assert keys_of(job.pk) == ["plain.txt"]
    event = JobEvent.objects.get(job=job)
    assert (event.kind, event.source) == ("start", "command")
    assert event.actor_name


def test_paths_are_accepted_before_and_after_options(library):
    run(
        "startjob", "slow", "plain.txt", "--param", "seconds=1", "with space.txt", "--", "-dash.txt"
    )
    job = Job.objects.get()
    assert set(keys_of(job.pk)) == {"plain.txt", "with space.txt", "-dash.txt"}
    assert job.parameters == {"seconds": 1.0}


@pytest.mark.parametrize("before", ["./", "{root}/", ".//./"])
def test_a_path_is_accepted_relative_and_absolute(library, before, settings):
    run("startjob", "slow", before.format(root=settings.LIBRARY_ROOT) + "with space.txt")
    assert keys_of(Job.objects.get().pk) == ["with space.txt"]


def test_names_between_nul_bytes_are_read_unchanged(library, stdin):
    stdin(b"\0".join(ODD))
    assert json.loads(run("startjob", "slow", "--from", "-", "-0", "--json"))["total_items"] == len(
        ODD
    )
    assert keys_of(Job.objects.get().pk) == library


@pytest.mark.parametrize("null", [[], ["-0"]])
def test_startjob_reads_the_paths_that_showjob_writes(library, stdin, null):
    first = run("startjob", "slow", "--all").strip()
    run("canceljob", first)
    written = run("showjob", first, "--items", "skipped", "--paths", *null)
    assert written.count("\0" if null else "\n") == len(ODD)
    stdin(written.encode())
    second = run("startjob", "slow", "--from", "-", *null).strip()
    assert keys_of(second) == keys_of(first)
    assert set(keys_of(first)) == set(library)


def test_a_path_copied_from_a_terminal_is_understood():
    names = ["\u202egpj.exe", "\x9b0m.txt", "\\x9b1m.txt"]  # the last has a byte that is no UTF-8
    add_files(*names)
    run("startjob", "slow", r"\u202egpj.exe", r"\x9b0m.txt", r"\x9b1m.txt")
    assert sorted(keys_of(Job.objects.get().pk)) == sorted(names)


def test_paths_from_a_file_follow_the_named_ones(library, tmp_path):
    file = tmp_path / "list"
    file.write_bytes(b"with space.txt\n\n\nplain.txt")
    run("startjob", "slow", "a=b.txt", "--from", str(file))
    assert keys_of(Job.objects.get().pk) == ["a=b.txt", "with space.txt", "plain.txt"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_a_list_that_windows_wrote_names_the_files(library, stdin, encoding):
    text = "plain.txt\r\n\r\nwith space.txt\r\nsub\\.\\dir.txt\r\n.\\café.txt\r\nliteral\\xff.txt"
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    stdin((mark + text).encode(encoding))
    run("startjob", "slow", "--from", "-")
    assert keys_of(Job.objects.get().pk) == [
        "plain.txt", "with space.txt", "sub/./dir.txt", "café.txt", "literal\\x5cxff.txt",
    ]  # fmt: skip


def test_an_indexed_name_with_a_carriage_return_or_backslash_wins(stdin):
    names = ["a", "a\r", "b\\c", "b/c", "d"]
    LibraryFile.objects.bulk_create(
        LibraryFile(path=name, size=1, mtime_ns=1, modified=timezone.now(), kind="")
        for name in names
    )
    stdin(b"a\r\nb\\c\nd\r\n")
    run("startjob", "slow", "--from", "-")
    assert keys_of(Job.objects.get().pk) == ["a\r", "b\\c", "d"]


@pytest.mark.parametrize(("null", "options"), [(False, []), (True, ["-0"])])
def test_an_unknown_path_of_a_list_is_shown_as_its_name(library, stdin, null, options):
    stdin(b"gone.txt\0" if null else b"gone.txt\r\n")
    with pytest.raises(CommandError, match="Not in the library: “gone"):
        run("startjob", "slow", "--from", "-", *options)


def test_a_list_of_raw_names_that_begins_like_a_byte_order_mark_is_read_as_it_is(stdin):
    name = b"\xff\xfea.txt"
    LibraryFile.objects.create(
        path=key_from_bytes(name), size=1, mtime_ns=1, modified=timezone.now(), kind=""
    )
    stdin(name + b"\n")
    run("startjob", "slow", "--from", "-")
    assert keys_of(Job.objects.get().pk) == [key_from_bytes(name)]


def test_a_long_list_of_paths_is_read_completely(stdin):
    names = [f"folder/file-{number:06}.txt" for number in range(9_000)]
    LibraryFile.objects.bulk_create(
        LibraryFile(path=name, size=1, mtime_ns=1, modified=timezone.now(), kind="")
        for name in names
    )
    stdin("\n".join(names).encode())
    run("startjob", "slow", "--from", "-")
    assert keys_of(Job.objects.get().pk) == names


@pytest.mark.parametrize(
    ("choice", "number"),
    [(["--all"], len(ODD)), (["--unprocessed"], len(ODD) - 1), (["--search", "LITERAL"], 2)],
)
def test_files_are_selected_by_options(library, choice, number):
    use("slow")
    plain = LibraryFile.objects.filter(path="plain.txt")
    set_outcomes(plain, operation="slow", status="succeeded")
    assert json.loads(run("startjob", "slow", *choice, "--json"))["total_items"] == number


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nothing", "plain.txt"], "There is no operation named “nothing”"),
        (["slow"], "give exactly one of"),
        (["slow", "--all", "plain.txt"], "give exactly one of"),
        (["slow", "gone.txt"], "Not in the library: “gone.txt”"),
        (["slow", "new\nline"], "Not in the library: “new\\x0aline”"),
        (["slow", "--search", "nowhere"], "There are no files to process"),
        (["slow", "--search", "no\0where"], "There are no files to process"),
        (["slow", "plain.txt", "--param", "seconds=x"], "seconds: Enter a number."),
        (["slow", "plain.txt", "--param", "size=3"], "There is no such parameter"),
        (["slow", "plain.txt", "--param", "seconds=1", "seconds=2"], "given twice"),
        (["slow", "--from", "/no/such/list"], "“/no/such/list” cannot be read: No such file"),
        (["act", "--all"], "lists its own items"),
    ],
)
@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_bad_input_is_one_sentence_and_starts_no_job(library, arguments, sentence, dry):
    with pytest.raises(CommandError) as error:
        run("startjob", *arguments, *dry)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.returncode == 1
    assert not Job.objects.exists()


def test_a_dry_run_writes_the_paths_and_starts_no_job(library):
    assert run("startjob", "slow", "plain.txt", "new\nline.txt", "--dry-run") == (
        "plain.txt\nnew\\x0aline.txt\n"
    )
    found = json.loads(run("startjob", "slow", "--all", "--dry-run", "--json"))
    assert found["total_items"] == len(ODD)
    assert sorted(found["files"]) == sorted(library)
    assert (found["operation"], found["parameters"]) == ("slow", {"seconds": 0.0})
    assert not Job.objects.exists()


@override_settings(JOBS_INLINE_ITEMS=3)
def test_a_dry_run_of_a_large_job_writes_all_paths(library):
    assert run("startjob", "slow", "--all", "--dry-run").count("\n") == len(ODD)
    assert run("startjob", "act", "--param", "count=20", "--dry-run").count("\n") == 20


def test_parameters_are_passed_to_an_operation_that_lists_its_items():
    run("startjob", "act", "--param", "count=2", "seconds=0.5", 'script={"1": "error"}')
    job = Job.objects.get()
    assert job.parameters == {
        "count": 2, "seconds": 0.5, "hold": None, "script": {"1": "error"},
    }  # fmt: skip
    assert keys_of(job.pk) == ["0 ok", "1 error"]


def test_limits_are_stored_with_the_job(library):
    run("startjob", "slow", "--all", "--max-workers", "2", "--failure-limit", "5")
    job = Job.objects.get()
    assert (job.max_workers, job.failure_limit) == (2, 5)


@pytest.mark.parametrize(
    ("option", "value", "allowed"),
    [
        ("--max-workers", "0", "1 to 32,767"),
        ("--max-workers", "99999", "1 to 32,767"),
        ("--failure-limit", "-1", "0 to 2,147,483,647"),
        ("--failure-limit", "2147483648", "0 to 2,147,483,647"),
    ],
)
def test_a_limit_that_no_job_can_have_is_refused(option, value, allowed):
    with pytest.raises(CommandError, match=f"{option}: “{value}” is not a .* from {allowed}"):
        run("startjob", "slow", "--all", f"{option}={value}")
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_id_is_reported_if_the_database_is_lost_right_after_the_start(library):
    """Without it a script does not know of the job, and starts it twice."""

    def lost(execute, sql, *rest):
        raise OperationalError("the connection is lost")

    with ExitStack() as stack:

        def go(**_):
            stack.enter_context(connection.execute_wrapper(lost))

        job_started.connect(go)
        stack.callback(job_started.disconnect, go)
        with pytest.raises(CommandError) as failure:
            run("startjob", "slow", "--all", "--json")
    job_id = Job.objects.get().pk
    assert str(failure.value).endswith(f"The job {job_id} was started and continues.")
    assert "the connection is lost" in str(failure.value)
