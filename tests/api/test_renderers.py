"""Answers as JSON, whatever is in them."""

import json

import pytest
from django.utils.translation import gettext_lazy

from jobs.api.formats import FastJSONRenderer


@pytest.mark.parametrize(
    "data",
    [
        {"path": "Ordner/größe \u2028 \x00 \U0001f600.png", "percent": 25, "eta": None},
        {"result": {"bytes": 2**80}},
        [1.5, True, {"deep": [[], {}]}],
    ],
)
def test_rendered_json_is_equal_to_the_data(data):
    assert json.loads(FastJSONRenderer().render(data)) == data


def test_lazy_text_is_rendered_and_none_is_empty():
    assert json.loads(FastJSONRenderer().render({"error": gettext_lazy("No")})) == {"error": "No"}
    assert FastJSONRenderer().render(None) == b""
