"""An operation's parameters: a Django form on one side, JSON on the other."""

import json
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.serializers.json import DjangoJSONEncoder

from jobs.exceptions import BadParameters

_NOT_KEPT = "This text holds characters that cannot be kept."

# The first class that fits names the type, so special ones stand before general ones.
_TYPES: tuple[tuple[type[forms.Field], str], ...] = (
    (forms.MultipleChoiceField, "choices"),
    (forms.ChoiceField, "choice"),
    (forms.NullBooleanField, "boolean"),
    (forms.BooleanField, "boolean"),
    (forms.DecimalField, "number"),
    (forms.FloatField, "number"),
    (forms.IntegerField, "integer"),
    (forms.DateTimeField, "datetime"),
    (forms.DateField, "date"),
    (forms.TimeField, "time"),
    (forms.JSONField, "json"),
)


def describe(form_class: type[forms.BaseForm] | None) -> list[dict[str, Any]]:
    """The form's fields as JSON; see `Operation.parameters_schema` for the keys."""
    if form_class is None:
        return []
    form = form_class()
    return [_describe_field(form, name) for name in form.fields]


def clean(form_class: type[forms.BaseForm] | None, raw: dict[str, Any]) -> dict[str, Any]:
    """The checked values of every field, defaults filled in. Raises BadParameters."""
    form = form_class() if form_class else None
    fields = form.fields if form else {}
    wrong: dict[str, list[str]] = {}
    for name, value in raw.items():
        if name not in fields:
            wrong[str(name)] = [_unknown(list(fields))]
        elif isinstance(value, list | dict) and _type(fields[name]) not in ("choices", "json"):
            wrong[name] = ["Give one value, not a list or an object."]
        elif not _storable(value):
            wrong[name] = [_NOT_KEPT]
    if wrong:
        raise _bad(wrong)
    if form_class is None or form is None:
        return {}
    defaults = {name: form.get_initial_for_field(field, name) for name, field in fields.items()}
    bound = form_class(data={**defaults, **raw})
    if not bound.is_valid():
        raise _bad({_shown(name): list(map(str, found)) for name, found in bound.errors.items()})
    cleaned: dict[str, Any] = json.loads(json.dumps(bound.cleaned_data, cls=DjangoJSONEncoder))
    # Once more: a field of JSON takes text, and what that says was not looked at.
    if wrong := {name: [_NOT_KEPT] for name, value in cleaned.items() if not _storable(value)}:
        raise _bad(wrong)
    return cleaned


def _describe_field(form: forms.BaseForm, name: str) -> dict[str, Any]:
    field = form.fields[name]
    choices = getattr(field, "choices", None)
    default = form.get_initial_for_field(field, name)
    return {
        "name": name,
        "label": str(form[name].label),
        "type": _type(field),
        "required": field.required,
        "default": json.loads(json.dumps(default, cls=DjangoJSONEncoder)),
        "choices": None if choices is None else list(_flat(choices)),
        "help": str(field.help_text),
        "min": _json_number(getattr(field, "min_value", None)),
        "max": _json_number(getattr(field, "max_value", None)),
    }


def _type(field: forms.Field) -> str:
    for field_class, name in _TYPES:
        if isinstance(field, field_class):
            return name
    return "text" if isinstance(field.widget, forms.Textarea) else "string"


def _flat(choices: Any) -> list[dict[str, Any]]:
    """Choices without their groups."""
    found = []
    for value, label in choices:
        if isinstance(label, list | tuple):
            found += _flat(label)
        else:
            found.append({"value": value, "label": str(label)})
    return found


def _json_number(value: Any) -> float | int | None:
    value = value() if callable(value) else value
    return value if value is None or isinstance(value, int | float) else float(value)


def _storable(value: Any) -> bool:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except ValueError:
        return False
    # An escaped backslash in front of it is text that only looks like a NUL.
    return "\\u0000" not in text.replace(r"\\", "")


def _unknown(known: list[str]) -> str:
    if not known:
        return "This operation has no parameters."
    return f"There is no such parameter. Choose from: {', '.join(known)}."


def _shown(name: str) -> str:
    return "parameters" if name == NON_FIELD_ERRORS else name


def _bad(wrong: dict[str, list[str]]) -> BadParameters:
    told = " ".join(f"{name}: {' '.join(found)}" for name, found in wrong.items())
    return BadParameters(f"Check the parameters. {told}", fields=wrong)
