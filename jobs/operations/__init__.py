"""Operations: kinds of work done to one item at a time. Independent of the database.

from jobs.operations import Operation, register

@register
class Count(Operation):
    name = "count"
    label = "Count bytes"

    def process(self, item, parameters):
        return {"bytes": item.path.stat().st_size}
"""

from jobs.operations.base import Operation
from jobs.operations.error_messages import describe_failure, without_name
from jobs.operations.item import Item
from jobs.operations.registry import all_operations, get, known_names, register, worker_limits
from jobs.operations.results import (
    ItemFailed,
    ItemUnsuitable,
    Result,
    as_stored,
    encode_result,
)
from jobs.operations.summaries import summarize

__all__ = [
    "Item",
    "ItemFailed",
    "ItemUnsuitable",
    "Operation",
    "Result",
    "all_operations",
    "as_stored",
    "describe_failure",
    "encode_result",
    "get",
    "known_names",
    "register",
    "summarize",
    "without_name",
    "worker_limits",
]
