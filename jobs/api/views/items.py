"""The items of a job: a page of them, all as a file, failures by message, what happened."""

from urllib.parse import urlencode

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response

from jobs.api.downloads import csv_download, json_download
from jobs.api.failures import grouped_failures
from jobs.api.rows import Rows
from jobs.api.schema import call
from jobs.api.serializers.answers import EventPage, Failures, Item, ItemPage
from jobs.api.serializers.queries import EVENTS_PAGE_SIZE, EventsQuery, ItemsQuery, RowsQuery
from jobs.api.views.base import ApiView
from jobs.models import JobEvent
from jobs.progress import timestamp


class ItemsView(ApiView):
    @call(
        "listItems",
        "A job's items, in its order",
        ItemPage,
        tag="items",
        query=ItemsQuery,
        errors=(404,),
    )
    def get(self, request: Request, job_id: str) -> Response:
        wanted = self.query(ItemsQuery)
        rows = Rows(self.job(job_id), wanted["status"], wanted["search"])
        items, last = rows.page(wanted["after"], wanted["limit"])
        following = {**wanted, "after": last}
        address = None if last is None else _address(request, following)
        return Response({"count": rows.count(), "items": items, "next": address})


class CsvView(ApiView):
    @call(
        "downloadCsv",
        "A job's items as CSV, for a spreadsheet",
        {(200, "text/csv"): OpenApiTypes.STR},
        tag="items",
        query=RowsQuery,
        errors=(404,),
    )
    def get(self, request: Request, job_id: str) -> HttpResponseBase:
        wanted = self.query(RowsQuery)
        return csv_download(Rows(self.job(job_id), wanted["status"], wanted["search"]))


class JsonView(ApiView):
    @call(
        "downloadJson",
        "A job's items as a JSON file",
        Item(many=True),
        tag="items",
        query=RowsQuery,
        errors=(404,),
    )
    def get(self, request: Request, job_id: str) -> HttpResponseBase:
        wanted = self.query(RowsQuery)
        return json_download(Rows(self.job(job_id), wanted["status"], wanted["search"]))


class FailuresView(ApiView):
    @call(
        "listFailures", "A job's failures, grouped by message", Failures, tag="items", errors=(404,)
    )
    def get(self, request: Request, job_id: str) -> Response:
        return Response(grouped_failures(self.job(job_id)))


class EventsView(ApiView):
    @call(
        "listEvents",
        "Who did what to a job, and what the engine did",
        EventPage,
        tag="jobs",
        query=EventsQuery,
        errors=(404,),
    )
    def get(self, request: Request, job_id: str) -> Response:
        after = self.query(EventsQuery)["after"]
        events = JobEvent.objects.filter(job=self.job(job_id), pk__gt=after)
        rows = list(events.select_related("actor").order_by("pk")[: EVENTS_PAGE_SIZE + 1])
        shown = rows[:EVENTS_PAGE_SIZE]
        more = _address(request, {"after": shown[-1].pk}) if rows[EVENTS_PAGE_SIZE:] else None
        return Response({"events": list(map(_event, shown)), "next": more})


def _event(event: JobEvent) -> dict[str, str | None]:
    # The name at the time; the account may be gone or renamed.
    return {
        "at": timestamp(event.at),
        "kind": event.kind,
        "source": event.source,
        "actor": event.actor_name or None,
        "message": event.message,
    }


def _address(request: Request, values: dict[str, object]) -> str:
    given = {name: value for name, value in values.items() if value != ""}
    return f"{request.path}?{urlencode(given)}"
