"""The files of the library, and the scan that brings the list of them up to date."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from jobs.api.scanning import scan
from jobs.api.schema import call
from jobs.api.serializers.library import FilePage, Scan, ScanStarted
from jobs.api.serializers.queries import FilesQuery
from jobs.api.views.base import ApiView
from jobs.library.queries import list_files
from jobs.library.state import scan_state
from jobs.models import LibraryFile
from jobs.progress import timestamp


class FilesView(ApiView):
    @call("listFiles", "The files, by path", FilePage, tag="files", query=FilesQuery, of_job=False)
    def get(self, request: Request) -> Response:
        wanted = self.query(FilesQuery)
        count, pages, files = list_files(**wanted)
        found = {"count": count, "page": wanted["page"], "pages": pages}
        return Response({**found, "files": [_file(file) for file in files]})


class ScanView(ApiView):
    @call("getScan", "How the list of files stands", Scan, tag="files", of_job=False)
    def get(self, request: Request) -> Response:
        return Response(_state())

    @call(
        "startScan",
        "Bring the list of files up to date; 202 if that goes on after the answer",
        {200: ScanStarted, 202: ScanStarted},
        tag="files",
        of_job=False,
    )
    def post(self, request: Request) -> Response:
        done = scan()
        return Response({"success": True, **_state()}, status=200 if done else 202)


def _state() -> dict[str, Any]:
    state = scan_state()
    return {
        "running": state.running,
        "finished_at": timestamp(state.finished_at),
        "files": state.files,
        "error": state.error,
    }


def _file(file: LibraryFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "size": file.size,
        "modified": timestamp(file.modified),
        "kind": file.kind,
        "status": file.status,
        "message": file.message,
        "job_id": file.last_job_id,
    }
