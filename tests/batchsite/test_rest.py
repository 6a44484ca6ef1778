"""What the web server does not load: packages that are installed and that it does not use."""

import json
import subprocess
import sys

import pytest

from batchsite.rest import hidden
from tests.support.stacks import clean_environment

UNUSED = ["psycopg", "pygments", "redis", "requests"]

LOADED = f"""
import json, sys
import batchsite.asgi, batchsite.urls
from django_q.brokers import get_broker
get_broker()
import requests, rest_framework.compat as compat
loaded = [name for name in {UNUSED} if name in sys.modules and name != "requests"]
print(json.dumps([loaded, bool(compat.requests), bool(requests.get)]))
"""


def test_web_server_on_sqlite_loads_no_client_of_other_servers_and_no_optional_packages(tmp_path):
    output = subprocess.check_output(
        [sys.executable, "-c", LOADED], env=clean_environment(DATA_DIR=str(tmp_path)), text=True
    )
    assert json.loads(output) == [[], False, True]


def test_hidden_package_cannot_be_imported_until_the_end(monkeypatch):
    monkeypatch.delitem(sys.modules, "this", raising=False)
    with hidden(["this", "json"]):
        assert sys.modules["json"] is json
        with pytest.raises(ImportError):
            import this  # noqa: F401
    assert "this" not in sys.modules
