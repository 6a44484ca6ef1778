import json

import pytest
from django import forms

from jobs.exceptions import BadParameters
from jobs.operations import Operation


class Form(forms.Form):
    size = forms.IntegerField(initial=256, min_value=1, max_value=4096, help_text="In pixels.")
    ratio = forms.FloatField(required=False)
    deep = forms.BooleanField(required=False, initial=True, label="Look inside")
    how = forms.ChoiceField(choices=[("Fast", [("a", "A")]), ("b", "B")], initial="a")
    tags = forms.MultipleChoiceField(required=False, choices=[("x", "X"), ("y", "Y")])
    day = forms.DateField(required=False)
    note = forms.CharField(required=False, widget=forms.Textarea)
    extra = forms.JSONField(required=False)

    def clean(self):
        if self.cleaned_data.get("note") == "never":
            raise forms.ValidationError("Not with this note.")
        return self.cleaned_data


class WithParameters(Operation):
    name = "with-parameters"
    Parameters = Form


class Without(Operation):
    name = "without"


DEFAULTS: dict[str, object] = {
    "size": 256,
    "ratio": None,
    "deep": True,
    "how": "a",
    "tags": [],
    "day": None,
    "note": "",
    "extra": None,
}


def test_form_is_described_as_json():
    schema = {field["name"]: field for field in WithParameters().parameters_schema()}
    json.dumps(schema)
    assert schema["size"] == {
        "name": "size",
        "label": "Size",
        "type": "integer",
        "required": True,
        "default": 256,
        "choices": None,
        "help": "In pixels.",
        "min": 1,
        "max": 4096,
    }
    assert schema["deep"]["label"] == "Look inside"
    assert schema["how"]["choices"] == [
        {"value": "a", "label": "A"},
        {"value": "b", "label": "B"},
    ]
    assert {name: field["type"] for name, field in schema.items()} == {
        "size": "integer",
        "ratio": "number",
        "deep": "boolean",
        "how": "choice",
        "tags": "choices",
        "day": "date",
        "note": "text",
        "extra": "json",
    }


def test_missing_parameter_gets_its_default():
    assert WithParameters().clean_parameters({}) == DEFAULTS


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"size": "7"}, {"size": 7}),
        ({"size": 7}, {"size": 7}),
        ({"deep": False}, {"deep": False}),
        ({"ratio": "1.5"}, {"ratio": 1.5}),
        ({"tags": ["x", "y"]}, {"tags": ["x", "y"]}),
        ({"day": "2024-05-06"}, {"day": "2024-05-06"}),
        ({"extra": {"a": [1]}}, {"extra": {"a": [1]}}),
        ({"note": r"\u0000"}, {"note": r"\u0000"}),
    ],
)
def test_values_are_cleaned_to_plain_json(given, kept):
    assert WithParameters().clean_parameters(given) == DEFAULTS | kept


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"size": "many"}, "size", "Enter a whole number."),
        ({"size": 0}, "size", "greater than or equal to 1"),
        ({"size": None}, "size", "required"),
        ({"size": [1]}, "size", "Give one value"),
        ({"size": True}, "size", "Enter a whole number."),
        ({"how": "z"}, "how", "not one of the available choices"),
        ({"note": {"a": 1}}, "note", "Give one value"),
        ({"note": "a\0"}, "note", "cannot be stored"),
        ({"note": "\\\0"}, "note", "cannot be stored"),
        ({"note": "\ud800"}, "note", "cannot be stored"),
        ({"ratio": float("nan")}, "ratio", "cannot be stored"),
        ({"extra": r'{"a": "\u0000"}'}, "extra", "cannot be stored"),
        ({"extra": r'"\ud800"'}, "extra", "cannot be stored"),
        ({"extra": "NaN"}, "extra", "cannot be stored"),
        ({"note": "never"}, "parameters", "Not with this note."),
        ({"colour": 1}, "colour", "There is no such parameter. Choose from: size, ratio, deep"),
    ],
)
def test_invalid_value_is_reported_for_its_field(given, field, sentence):
    with pytest.raises(BadParameters) as caught:
        WithParameters().clean_parameters(given)
    assert list(caught.value.fields) == [field]
    assert sentence in caught.value.fields[field][0]
    assert f"{field}: " in caught.value.message


def test_only_some_of_very_many_unknown_parameters_are_reported():
    with pytest.raises(BadParameters) as raised:
        WithParameters().clean_parameters({f"unknown-{number}": 1 for number in range(10_000)})
    assert 20 <= len(raised.value.fields) < 40


def test_operation_without_parameters_rejects_any():
    assert Without().parameters_schema() == []
    assert Without().clean_parameters({}) == {}
    with pytest.raises(BadParameters) as caught:
        Without().clean_parameters({"size": 1})
    assert caught.value.fields == {"size": ["This operation has no parameters."]}
