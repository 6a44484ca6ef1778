"""The items of a job: a page of them, all as a file, failures by message; its events."""

from typing import cast
from urllib.parse import urlencode

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response

from jobs.api.answers import Event, EventPage, ItemPage
from jobs.api.downloads import csv_download, json_download
from jobs.api.failure_groups import Failures, grouped_failures
from jobs.api.schema import documented
from jobs.api.serializers.queries import (
    EVENTS_PAGE_SIZE,
    CsvQuery,
    EventsQuery,
    ItemsQuery,
    RowsQuery,
)
from jobs.api.views.base import ApiView
from jobs.models import JobEvent
from jobs.progress import timestamp
from jobs.progress.items import Item, count_items, current_items, item_object, read_page
from jobs.services.access import Source


class ItemsView(ApiView):
    @documented(
        "listItems", "A job's items, in its order", ItemPage, "items",
        query=ItemsQuery, errors=(404,),
    )  # fmt: skip
    def get(self, request: Request, job_id: str) -> Response:
        wanted, job = self.query(ItemsQuery), self.job(job_id)
        limit, after = wanted.pop("limit"), wanted.pop("after")
        # By position and not by number: page 10,000 costs what page 1 costs.
        # First what runs: an item that finishes in between is then read as finished.
        running = current_items(job)
        rows, more = read_page(job, **wanted, after=after, limit=limit)
        items = [item_object(job, row, running) for row in rows]
        following = None
        if more:
            following = _url(request, {**wanted, "limit": limit, "after": rows[-1].position})
        return Response(ItemPage(count=count_items(job, **wanted), items=items, next=following))


class CsvView(ApiView):
    @documented(
        "downloadCsv", "A job's items as CSV, for a spreadsheet",
        {(200, "text/csv"): OpenApiTypes.STR}, "items", query=CsvQuery, errors=(404,),
    )  # fmt: skip
    def get(self, request: Request, job_id: str) -> HttpResponseBase:
        return csv_download(self.job(job_id), **self.query(CsvQuery))


class JsonView(ApiView):
    @documented(
        "downloadJson", "A job's items as a JSON file", list[Item], "items",
        query=RowsQuery, errors=(404,),
    )  # fmt: skip
    def get(self, request: Request, job_id: str) -> HttpResponseBase:
        return json_download(self.job(job_id), **self.query(RowsQuery))


class FailuresView(ApiView):
    @documented(
        "listFailures", "A job's failures, grouped by message", Failures, "items", errors=(404,)
    )
    def get(self, request: Request, job_id: str) -> Response:
        return Response(grouped_failures(self.job(job_id)))


class EventsView(ApiView):
    @documented(
        "listEvents", "What people and the engine did to a job", EventPage, "jobs",
        query=EventsQuery, errors=(404,),
    )  # fmt: skip
    def get(self, request: Request, job_id: str) -> Response:
        after = self.query(EventsQuery)["after"]
        events = JobEvent.objects.filter(job=self.job(job_id), pk__gt=after)
        rows = list(events.order_by("pk")[: EVENTS_PAGE_SIZE + 1])
        shown = rows[:EVENTS_PAGE_SIZE]
        following = _url(request, {"after": shown[-1].pk}) if rows[EVENTS_PAGE_SIZE:] else None
        return Response(EventPage(events=list(map(_event, shown)), next=following))


def _event(event: JobEvent) -> Event:
    return {
        "at": timestamp(event.at),
        "kind": event.kind,
        "source": cast(Source, event.source),
        # The name at the time; the account may have been deleted or renamed.
        "actor": event.actor_name or None,
        "message": event.message,
    }


def _url(request: Request, query: dict[str, object]) -> str:
    given = {name: value for name, value in query.items() if value != ""}
    return f"{request.path}?{urlencode(given)}"
