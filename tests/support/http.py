"""A small HTTP client for the JSON API of a running site."""

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is the decoded JSON, or text where the answer is none."""

    status: int
    body: Any
    headers: dict[str, str]


class Client:
    """`get`, `post` and `delete` on one site; a new connection for each call."""

    def __init__(self, base_url: str, headers: dict[str, str] | None = None) -> None:
        self.base_url = base_url
        self.headers = headers or {}

    def get(self, path: str) -> Answer:
        return self.request("GET", path)

    def post(self, path: str, data: Any = None) -> Answer:
        return self.request("POST", path, {} if data is None else data)

    def delete(self, path: str) -> Answer:
        return self.request("DELETE", path)

    def request(self, method: str, path: str, data: Any = None) -> Answer:
        connection = HTTPConnection(urlsplit(self.base_url).netloc, timeout=30)
        body = None if data is None else json.dumps(data)
        headers = {"Content-Type": "application/json", **self.headers}
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
            is_json = "json" in (response.getheader("Content-Type") or "")
            found = json.loads(text) if is_json else text
            return Answer(response.status, found, dict(response.getheaders()))
        finally:
            connection.close()
