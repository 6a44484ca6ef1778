"""What a job can be started with: the operations, the files, and the scan that updates them."""

from collections.abc import Sequence
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from jobs import operations, services
from jobs.api.answers import File, FilePage, Operation, Scan, ScanStarted
from jobs.api.scan import scan
from jobs.api.schema import documented
from jobs.api.serializers.queries import FilesQuery
from jobs.api.serializers.requests import StartScanSerializer
from jobs.api.views.base import ApiView
from jobs.library.queries import ListedFile, list_files
from jobs.library.scan_state import scan_state
from jobs.models import Outcome
from jobs.progress.status import Uuid, timestamp


class OperationsView(ApiView):
    @documented("listOperations", "The operations, by label", list[Operation], "operations")
    def get(self, request: Request) -> Response:
        return Response(
            [
                {
                    "name": operation.name,
                    "label": operation.label or operation.name,
                    "description": operation.description,
                    "lists_items": not operation.uses_library,
                    "kinds": list(operation.kinds),
                    "parameters": operation.parameters_schema(),
                }
                for operation in operations.all_operations()
            ]
        )


class FilesView(ApiView):
    @documented("listFiles", "The files, by path", FilePage, "files", query=FilesQuery)
    def get(self, request: Request) -> Response:
        wanted = self.query(FilesQuery)
        kind = wanted.pop("kind")
        kinds = [kind] if kind else _kinds_to_process(wanted["status"], wanted["operation"])
        count, pages, files = list_files(**wanted, kinds=kinds)
        jobs = {one.outcome.job_id for one in files if one.outcome and one.outcome.job_id}
        visible = services.visible_job_ids(jobs, request.user)
        sees_all = services.sees_all_jobs(request.user)
        rows = [_file(one, visible, sees_all=sees_all) for one in files]
        return Response(FilePage(count=count, page=wanted["page"], pages=pages, files=rows))


class ScanView(ApiView):
    @documented("getScan", "The state of the list of files", Scan, "files")
    def get(self, request: Request) -> Response:
        return Response(_scan(request))

    @documented(
        "startScan",
        "Update the list of files; 202 if that continues after the answer",
        {200: ScanStarted, 202: ScanStarted},
        "files",
        body=StartScanSerializer,
    )
    def post(self, request: Request) -> Response:
        done = scan(**self.body(StartScanSerializer))
        return Response(ScanStarted(success=True, **_scan(request)), status=200 if done else 202)


def _scan(request: Request) -> Scan:
    state = scan_state()
    error = state.error and services.without_library_root(state.error, request.user)
    return {
        "running": state.running,
        "finished_at": timestamp(state.finished_at),
        "files": state.files,
        "moved": state.moved,
        "not_reached": state.not_reached,
        "unreached": [folder.rstrip("/") for folder in state.unreached],
        "removals": {"files": state.held_back, "of": state.known} if state.held_back else None,
        "error": error,
    }


def _kinds_to_process(status: str, operation: str) -> Sequence[str]:
    """The unprocessed files of an operation are those that it is for."""
    if status != Outcome.Status.UNPROCESSED or operation not in operations.known_names():
        return ()
    return operations.get(operation).kinds


def _file(one: ListedFile, visible_jobs: set[UUID], *, sees_all: bool) -> File:
    """The file; message and job only if the caller sees the job, the job only if it exists."""
    file, outcome = one.file, one.outcome or Outcome()
    job_id = outcome.job_id if outcome.job_id in visible_jobs else None
    hidden = outcome.job_id is not None and job_id is None and not sees_all
    return {
        "path": file.path,
        "size": file.size,
        "modified": timestamp(file.modified),
        "kind": file.kind,
        "status": Outcome.Status(outcome.status),
        "message": None if hidden else outcome.message,
        "job_id": None if job_id is None else Uuid(str(job_id)),
        "checked": None if hidden else outcome.checked,
    }
