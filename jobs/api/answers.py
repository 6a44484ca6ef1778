"""The shapes of the answers that are defined nowhere else; the schema describes them.

What a job, an item or a failure looks like is defined beside the code that reads them:
`progress.status`, `progress.items`, `failure_groups`.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from jobs.backends import FinishedRow
from jobs.models import Outcome
from jobs.progress.items import Item
from jobs.progress.status import UNTAGGED, Status, Timestamp, Uuid
from jobs.services.access import Source


class Error(TypedDict):
    error: Annotated[str, "A sentence for a person."]
    fields: NotRequired[dict[str, list[str]]]


class Success(TypedDict):
    success: Annotated[bool, "Always true."]


class CancelledAll(Success):
    cancelled: Annotated[int, "How many jobs this call has cancelled."]


@dataclass(frozen=True, slots=True)
class PolledJob(Status):
    """The state of a job and, for a call with `after`, what was processed since."""

    items: Annotated[
        list[FinishedRow],
        "With `after`: processed since, at most 500.",
        UNTAGGED,  # `cursor` changes with them
    ] = field(default_factory=list)
    cursor: Annotated[str, "With `after`: what to send next time."] = ""


class JobPage(TypedDict):
    count: Annotated[int, "Jobs that match, on all pages."]
    page: int
    pages: Annotated[int, "At least 1."]
    jobs: Annotated[list[Status], "Newest first."]


class ActiveJob(TypedDict):
    job: Status | None


class ItemPage(TypedDict):
    count: Annotated[int, "Items that match, on all pages."]
    items: list[Item]
    next: Annotated[str | None, "Path and query of the next page."]


class Event(TypedDict):
    at: Timestamp
    kind: Annotated[str, "start, cancel, pause, resume, retry, complete, fail, …"]
    source: Source
    actor: Annotated[str | None, "A user name; null: nobody logged in."]
    message: str


class EventPage(TypedDict):
    events: Annotated[list[Event], "Oldest first, at most 500."]
    next: Annotated[str | None, "Path and query of later events."]


class Changes(TypedDict):
    count: Annotated[int, "Items that would be processed."]
    changed: Annotated[int, "Files among them that were written since the job was created."]
    vanished: Annotated[int, "Files that no longer exist: deleted or moved."]
    examples: Annotated[list[str], "Paths of at most 10 of those two."]
    checked: Annotated[int, "Files that were checked."]
    complete: Annotated[bool, "All files were checked; else a sample."]


class Health(TypedDict):
    status: Literal["ok", "error"]
    checks: Annotated[dict[str, str], "database, broker, cluster, library: “ok” or a sentence."]


class Choice(TypedDict):
    value: Any
    label: str


class Parameter(TypedDict):
    name: str
    label: str
    type: Annotated[
        str,
        "string, text, integer, number, boolean, choice, choices, date, datetime, time or json.",
    ]
    required: bool
    default: Any
    choices: list[Choice] | None
    help: str
    min: float | None
    max: float | None


class Operation(TypedDict):
    name: Annotated[str, "The name by which a job is started."]
    label: Annotated[str, "Its name for people."]
    description: str
    lists_items: Annotated[bool, "It lists its own items: start it without files."]
    kinds: Annotated[list[str], "The kinds of files that it is for; empty: all."]
    parameters: list[Parameter]


class File(TypedDict):
    path: Annotated[str, "Relative to the library, with “/”."]
    size: Annotated[int, "Bytes."]
    modified: Annotated[Timestamp, "UTC."]
    kind: str
    status: Annotated[Outcome.Status, "How the last item of the operation ended for it."]
    message: Annotated[
        str | None, "The message of that item; often empty; null: the job is not yours to see."
    ]
    job_id: Annotated[Uuid | None, "The job of that item; null: none, or not yours to see."]
    checked: Annotated[
        str | None, "How far `verify` looked into it: content, structure, checksum; null: not yet."
    ]


class FilePage(TypedDict):
    count: Annotated[int, "Files that match, on all pages."]
    page: int
    pages: Annotated[int, "At least 1."]
    files: list[File]


class Removals(TypedDict):
    files: Annotated[int, "Files that were not found and stay in the list until this is accepted."]
    of: Annotated[int, "The files of the list before."]


class Scan(TypedDict):
    running: Annotated[bool, "A scan is running, in any process."]
    finished_at: Annotated[Timestamp | None, "When a scan was last complete."]
    files: Annotated[int, "How many files that scan found."]
    moved: Annotated[int, "Files that it found again under another path."]
    not_reached: Annotated[int, "Files that stay in the list because their disk is not mounted."]
    unreached: Annotated[list[str], "The folders of these."]
    removals: Annotated[
        Removals | None, "A question: it would have removed more than half of the files."
    ]
    error: Annotated[str | None, "Why a scan has failed since then."]


class ScanStarted(Scan, Success):
    pass
