"""Garbage at every address: an answer that the schema describes, and never a 500."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jobs.models import Job
from tests.api.caller import Caller, described_calls

CALLS = sorted(described_calls())

texts = st.text(max_size=20) | st.sampled_from(
    ["-1", "0", "1e9", "\0", "\ud800", "null", "..", "%"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(
    ["operation", "parameters", "files", "all", "unprocessed", "search", "max_workers",
     "failure_limit", "skip_changed"]
)  # fmt: skip
orders = st.dictionaries(names, values, max_size=4) | st.fixed_dictionaries(
    {"operation": st.just("slow"), "parameters": values, "files": values}
)
bodies = (values | orders).map(lambda value: json.dumps(value).encode()) | st.binary(max_size=40)
queries = st.dictionaries(
    st.sampled_from(["status", "search", "page", "page_size", "limit", "after", "for", "format"]),
    texts,
    max_size=3,
)


@pytest.mark.parametrize(("method", "path"), CALLS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example(job_id="/", query={}, body=b"{}")
@given(job_id=texts | st.none(), query=queries, body=bodies)
def test_garbage_gets_an_answer(
    api: Caller,
    start: Callable[..., Job],
    method: str,
    path: str,
    job_id: str | None,
    query: dict[str, str],
    body: bytes,
):
    known = Job.objects.first() or start()
    shown = str(known.pk) if job_id is None else quoted(job_id) or "x"
    words = "&".join(f"{name}={quoted(value)}" for name, value in query.items())
    answer = api.call(method, f"{path.replace('{job_id}', shown)}?{words}", body)
    assert answer.status < 500 or path == "/health"
    if answer.status >= 400 and path != "/health":
        assert answer.error


def quoted(text: Any) -> str:
    return quote(text.encode(errors="surrogatepass"), safe="")
