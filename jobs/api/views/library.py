"""What a job can be started with: the operations, the files, and the scan that updates them."""

from rest_framework.request import Request
from rest_framework.response import Response

from jobs import operations, services
from jobs.api.answers import File, FilePage, Operation, Scan, ScanStarted
from jobs.api.scan import scan
from jobs.api.schema import documented
from jobs.api.serializers.queries import FilesQuery
from jobs.api.serializers.requests import StartScanSerializer
from jobs.api.views.base import ApiView
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
        count, pages, files = services.list_files(request.user, **wanted)
        rows = [_file(file) for file in files]
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


def _file(file: services.ListedFile) -> File:
    return {
        "path": file.path,
        "size": file.size,
        "modified": timestamp(file.modified),
        "kind": file.kind,
        "status": Outcome.Status(file.status),
        "message": file.message,
        "job_id": None if file.job_id is None else Uuid(str(file.job_id)),
        "checked": file.checked,
    }
