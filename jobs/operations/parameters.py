"""An operation's parameters: a Django form on one side, JSON on the other."""

import json
from collections.abc import Iterable
from itertools import islice
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.choices import flatten_choices

from jobs.exceptions import BadParameters

_NOT_KEPT = "This text contains characters that cannot be stored."

# The first matching class decides the type, so subclasses come before their base classes.
_TYPES: tuple[tuple[type[forms.Field] | tuple[type[forms.Field], ...], str], ...] = (
    (forms.MultipleChoiceField, "choices"),
    (forms.ChoiceField, "choice"),
    ((forms.NullBooleanField, forms.BooleanField), "boolean"),
    ((forms.DecimalField, forms.FloatField), "number"),
    (forms.IntegerField, "integer"),
    (forms.DateTimeField, "datetime"),
    (forms.DateField, "date"),
    (forms.TimeField, "time"),
    (forms.JSONField, "json"),
)


MAX_UNKNOWN = 20
"""Reported unknown names. The report of each names all parameters, so thousands take memory."""


def describe(form_class: type[forms.BaseForm] | None) -> list[dict[str, Any]]:
    """Return the form's fields as JSON; see `Operation.parameters_schema` for the keys."""
    if form_class is None:
        return []
    form = form_class()
    return [_describe_field(form, name) for name in form.fields]


def clean(form_class: type[forms.BaseForm] | None, raw: dict[str, Any]) -> dict[str, Any]:
    """Return the valid value of every field, defaults included. Raises BadParameters."""
    form = form_class() if form_class else None
    fields = form.fields if form else {}
    wrong: dict[str, list[str]] = {}
    for name, value in islice(raw.items(), len(fields) + MAX_UNKNOWN):
        if name not in fields:
            known = f"There is no such parameter. Choose from: {', '.join(fields)}."
            wrong[str(name)] = [known if fields else "This operation has no parameters."]
        elif isinstance(value, list | dict) and _type(fields[name]) not in ("choices", "json"):
            wrong[name] = ["Give one value, not a list or an object."]
        elif not _storable(value):
            wrong[name] = [_NOT_KEPT]
    if wrong:
        raise _bad(wrong)
    if form_class is None or form is None:
        return {}
    defaults = {name: form.get_initial_for_field(field, name) for name, field in fields.items()}
    cleaned = validated(form_class, {**defaults, **raw})
    # Checked again: a JSON field takes text, whose decoded content was not checked before.
    if wrong := {name: [_NOT_KEPT] for name, value in cleaned.items() if not _storable(value)}:
        raise _bad(wrong)
    return cleaned


def validated(form_class: type[forms.BaseForm], data: dict[str, Any]) -> dict[str, Any]:
    """Return what the form makes of the data, as plain JSON values. Raises BadParameters."""
    bound = form_class(data=data)
    if not bound.is_valid():
        found = {name: list(map(str, messages)) for name, messages in bound.errors.items()}
        if NON_FIELD_ERRORS in found:
            found["parameters"] = found.pop(NON_FIELD_ERRORS)
        raise _bad(found)
    cleaned: dict[str, Any] = json.loads(json.dumps(bound.cleaned_data, cls=DjangoJSONEncoder))
    return cleaned


def _describe_field(form: forms.BaseForm, name: str) -> dict[str, Any]:
    field = form.fields[name]
    choices: Any = getattr(field, "choices", None)
    if choices is not None:
        flat: Iterable[tuple[Any, Any]] = flatten_choices(choices)
        choices = [{"value": value, "label": str(label)} for value, label in flat]
    default = form.get_initial_for_field(field, name)
    return {
        "name": name,
        "label": str(form[name].label),
        "type": _type(field),
        "required": field.required,
        "default": json.loads(json.dumps(default, cls=DjangoJSONEncoder)),
        "choices": choices,
        "help": str(field.help_text),
        "min": _json_number(getattr(field, "min_value", None)),
        "max": _json_number(getattr(field, "max_value", None)),
    }


def _type(field: forms.Field) -> str:
    for field_class, name in _TYPES:
        if isinstance(field, field_class):
            return name
    return "text" if isinstance(field.widget, forms.Textarea) else "string"


def _json_number(value: Any) -> float | int | None:
    value = value() if callable(value) else value
    return value if value is None or isinstance(value, int | float) else float(value)


def _storable(value: Any) -> bool:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except ValueError:
        return False
    # After an escaped backslash, u0000 is plain text and not a NUL.
    return "\\u0000" not in text.replace(r"\\", "")


def _bad(wrong: dict[str, list[str]]) -> BadParameters:
    details = " ".join(f"{name}: {' '.join(found)}" for name, found in wrong.items())
    return BadParameters(f"Check the parameters. {details}", fields=wrong)
