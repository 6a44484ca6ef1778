"""The parameters of a job that was started with an earlier form of its operation."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django import forms

from jobs.operations.parameters import describe, validated

_DECIDING = ("name", "type", "required", "min", "max")
"""What decides which values are valid; a new label changes nothing."""


@dataclass(frozen=True, slots=True)
class AdaptedParameters:
    """Stored parameters as the present form has them.

    `added`: names that the form has now, with its initial values. `dropped`: names that it no
    longer has.
    """

    values: dict[str, Any]
    added: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


def digest(form_class: type[forms.BaseForm] | None) -> str:
    """16 hexadecimal digits that differ when the form accepts other parameters; "" for no form."""
    if form_class is None:
        return ""
    deciding = [
        [*(each[key] for key in _DECIDING), [choice["value"] for choice in each["choices"] or ()]]
        for each in describe(form_class)
    ]
    return sha256(json.dumps(deciding, default=str).encode()).hexdigest()[:16]


def adapt(form_class: type[forms.BaseForm], stored: dict[str, Any]) -> AdaptedParameters:
    """Fill in what is missing and drop what is unknown. Raises BadParameters.

    Stored values stay as they are: a form may change a value that it has changed before.
    """
    form = form_class()
    data = {
        name: each.prepare_value(stored[name])
        if name in stored
        else form.get_initial_for_field(each, name)
        for name, each in form.fields.items()
    }
    cleaned = validated(form_class, data)
    return AdaptedParameters(
        {name: stored.get(name, cleaned.get(name)) for name in form.fields},
        [name for name in form.fields if name not in stored],
        [name for name in stored if name not in form.fields],
    )
