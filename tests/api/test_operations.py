"""GET /api/operations."""

from tests.api.caller import Caller


def test_an_operation_is_described_with_its_parameters(api: Caller):
    answer = api.get("/api/operations")
    found = {operation["name"]: operation for operation in answer.body}
    assert answer.status == 200
    assert found["slow"]["label"] == "Slow"
    assert found["slow"]["description"] == "Sleeps for a while at each file."
    assert found["slow"]["lists_items"] is False
    assert found["slow"]["parameters"] == [
        {
            "name": "seconds",
            "label": "Seconds",
            "type": "number",
            "required": True,
            "default": 0,
            "choices": None,
            "help": "How long each file takes.",
            "min": 0,
            "max": None,
        }
    ]


def test_operation_that_lists_its_items_is_marked(api: Caller):
    found = {operation["name"]: operation for operation in api.get("/api/operations").body}
    assert found["act"]["lists_items"] is True


def test_shipped_operations_are_listed(api: Caller):
    assert "verify" in [operation["name"] for operation in api.get("/api/operations").body]
