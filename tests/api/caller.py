"""Calls the API in this process and checks every answer against the published schema."""

import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is the decoded JSON, text where the answer is none, None where it is empty."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def error(self) -> str:
        """The sentence of an error; an AssertionError for any other answer."""
        assert self.status >= 400, self
        assert self.body["error"], self
        return self.body["error"]


class Caller:
    """`get`, `post`, `delete`; headers of every call can be given. See `Answer`."""

    def __init__(self, client: Client | None = None, **headers: str) -> None:
        self.client = client or Client(raise_request_exception=False)
        self.headers = headers

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, headers=headers)

    def post(self, path: str, data: Any = None, **headers: str) -> Answer:
        body = b"" if data is None else json.dumps(data).encode()
        return self.call("POST", path, body, headers=headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self.call("DELETE", path, headers=headers)

    def call(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        headers = self.headers | (headers or {})
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        response = self.client.generic(method, path, body, content_type, headers=given)
        content = b"".join(response) if response.streaming else response.content
        check_described(method, path, response, content)
        return Answer(response.status_code, _decoded(response, content), dict(response.headers))


def check_described(method: str, path: str, response: Any, content: bytes) -> None:
    """AssertionError unless the schema describes this answer. Unknown addresses answer errors."""
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    # As the server sees it: an escaped slash divides an address like any other.
    operation = _operation(method, unquote(path.partition("?")[0]))
    if operation is None or response.status_code == 405:
        described = {"$ref": "#/components/schemas/Error"}
    else:
        answers = operation["responses"]
        assert str(response.status_code) in answers, (method, path, response.status_code, content)
        kinds = answers[str(response.status_code)].get("content", {})
        if not kinds:
            assert content == b""
            return
        assert kind in kinds, (method, path, kind)
        described = kinds[kind]["schema"]
    if kind != "application/json":
        return
    wrong = list(_validator(json.dumps(described)).iter_errors(json.loads(content)))
    assert not wrong, (method, path, [f"{error.json_path}: {error.message}" for error in wrong])


@functools.cache
def schema() -> dict[str, Any]:
    """The published schema, made strict: answers hold what is described and nothing else."""
    found = json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True)))
    for component in found["components"]["schemas"].values():
        if "properties" in component:
            component["additionalProperties"] = False
    return found


def described_calls() -> Iterator[tuple[str, str]]:
    """Every method and path (with `{job_id}`) of the schema."""
    for path, methods in schema()["paths"].items():
        for method in methods:
            yield method.upper(), path


def _operation(method: str, path: str) -> dict[str, Any] | None:
    # Literal paths first: /api/jobs/active is no job.
    for template, methods in sorted(schema()["paths"].items(), key=lambda item: "{" in item[0]):
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path):
            return methods.get(method.lower())
    return None


@functools.cache
def _validator(described: str) -> Draft202012Validator:
    return Draft202012Validator({**json.loads(described), "components": schema()["components"]})


def _decoded(response: Any, content: bytes) -> Any:
    if not content:
        return None
    if response.headers["Content-Type"].startswith("application/json"):
        return json.loads(content)
    return content.decode()
