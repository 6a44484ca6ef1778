"""The operations that this engine runs in the benchmarks."""

import time
from collections.abc import Iterable
from typing import Any

from django import forms

from jobs.operations import Item, Operation, register
from tests.bench.work import PERFORM, Work


class WorkForm(forms.Form):
    kind = forms.CharField()
    count = forms.IntegerField()
    source = forms.CharField(required=False)


@register
class Bench(Operation):
    """Items of its own, so that no library index is needed."""

    name = "bench"
    Parameters = WorkForm

    def items(self, parameters: dict[str, Any]) -> Iterable[str]:
        return Work(**parameters).item_keys()

    def process(self, item: Item, parameters: dict[str, Any]) -> dict[str, Any] | None:
        return PERFORM[parameters["kind"]](item.key)


@register
class BenchLibrary(Operation):
    """Nothing, for files of the library: their rows are kept up to date too."""

    name = "bench_library"

    def process(self, item: Item, parameters: dict[str, Any]) -> None:
        return None


@register
class BenchWait(Operation):
    """A sleep for files of the library: even ten of them last while the job is asked about."""

    name = "bench_wait"

    def process(self, item: Item, parameters: dict[str, Any]) -> None:
        time.sleep(0.2)
