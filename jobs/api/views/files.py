"""The files of the library."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from jobs.api.pagination import page_of
from jobs.api.schema import call
from jobs.api.serializers.answers import FilePage
from jobs.api.serializers.queries import FilesQuery
from jobs.api.views.base import ApiView
from jobs.library.queries import select_files
from jobs.models import LibraryFile
from jobs.progress import timestamp


class FilesView(ApiView):
    @call(
        "listFiles",
        "The files, by path",
        FilePage,
        tag="files",
        query=FilesQuery,
        of_job=False,
    )
    def get(self, request: Request) -> Response:
        wanted = self.query(FilesQuery)
        files = select_files(search=wanted["search"], status=wanted["status"]).order_by("path")
        count, pages, rows = page_of(files, wanted["page"], wanted["page_size"])
        return Response(
            {
                "count": count,
                "page": wanted["page"],
                "pages": pages,
                "files": list(map(_file, rows)),
            }
        )


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
