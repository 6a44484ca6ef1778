"""Performs the operation on one item and turns the outcome into a FinishedItem."""

from pathlib import Path
from typing import Any

from jobs.backends import ClaimedItem, FinishedItem
from jobs.conf import conf
from jobs.operations import Item, ItemFailed, Operation, as_stored, describe_failure, encode_result
from jobs.processes import clock
from jobs.states import ItemStatus


class Performer:
    """Runs one job's operation."""

    def __init__(self, operation: Operation, parameters: dict[str, Any], job_id: str) -> None:
        self.operation = operation
        self.parameters = parameters
        self.job_id = job_id
        self.root = str(conf.library_root)
        self.outputs = str(output_dir_of(operation.name, job_id))

    def perform(self, claimed: ClaimedItem, started_at: float) -> FinishedItem:
        """Process one item. Never raises: `SystemExit` and the like fail the item as well."""
        try:
            item = Item(
                claimed.key,
                root=self.root,
                outputs=self.outputs,
                previous=claimed.previous,
                attempt=claimed.attempts + 1,
                job_id=self.job_id,
            )
            result = as_stored(self.operation.process(item, self.parameters))
        except BaseException as error:  # noqa: BLE001 (an operation may raise anything)
            return self._failed(claimed, error, started_at)
        return FinishedItem(
            claimed,
            ItemStatus.SUCCEEDED,
            result.message,
            result.data,
            started_at,
            clock.now(),
            result.remember,
        )

    def _failed(
        self, claimed: ClaimedItem, error: BaseException, started_at: float
    ) -> FinishedItem:
        name = claimed.key.rpartition("/")[2]
        message = describe_failure(error, name=name)
        data = None
        if isinstance(error, ItemFailed):
            try:
                data = encode_result(error.data)
            except ItemFailed as too_large:
                message = f"{message} ({too_large.message})"
        same = None
        # A finding is about this file, not about the disk or the network.
        if not (isinstance(error, ItemFailed) and error.finding):
            same = message.replace(claimed.key, "…").replace(name, "…")
        return FinishedItem(
            claimed, ItemStatus.FAILED, message, data, started_at, clock.now(), error=same
        )


def output_dir_of(operation: str, job_id: str) -> Path:
    """The folder for the outputs of one job; it is created when an item asks for it."""
    return conf.data_dir / "outputs" / operation / job_id
