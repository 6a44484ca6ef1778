"""Performs the operation on one item and turns the outcome into a FinishedItem."""

from typing import Any

from jobs.backends import ClaimedItem, FinishedItem
from jobs.conf import conf
from jobs.lifecycle.outputs import folder_of
from jobs.operations import (
    Item,
    ItemFailed,
    ItemUnsuitable,
    Operation,
    Result,
    as_stored,
    describe_failure,
    encode_result,
    without_name,
)
from jobs.operations.file_kinds import NOUNS, OTHER, kind_of, name_kinds
from jobs.operations.private_text import hide, hide_paths_in_json
from jobs.processes import clock
from jobs.states import ItemStatus


class Performer:
    """Runs one job's operation."""

    def __init__(self, operation: Operation, parameters: dict[str, Any], job_id: str) -> None:
        self.operation = operation
        self.parameters = parameters
        self.job_id = job_id
        self.root = str(conf.library_root)
        self.outputs = str(folder_of(operation.name, job_id))

    def perform(self, claimed: ClaimedItem, started_at: float) -> FinishedItem:
        """Process one item. Never raises: `SystemExit` and the like fail the item as well."""
        item = Item(
            claimed.key,
            root=self.root,
            outputs=self.outputs,
            previous=claimed.previous,
            attempt=claimed.attempts + 1,
            job_id=self.job_id,
        )
        try:
            result = as_stored(self._process(claimed, item))
            message = hide(result.message, item) if result.message else ""
            data = hide_paths_in_json(result.data, item) if result.data else result.data
        except BaseException as error:  # noqa: BLE001 (an operation may raise anything)
            return self._failed(claimed, item, error, started_at)
        finally:
            item.drop_empty_output_dir()
        return FinishedItem(
            claimed,
            ItemStatus.SUCCEEDED,
            message,
            data,
            started_at,
            clock.now(),
            result.remember,
            totals=result.totals,
        )

    def _process(self, claimed: ClaimedItem, item: Item) -> object:
        """What the operation returns, or a warning for an item that it is not for."""
        try:
            self._check_kind(claimed)
            return self.operation.process(item, self.parameters)
        except ItemUnsuitable as reason:
            return Result(warning=reason.message)

    def _check_kind(self, claimed: ClaimedItem) -> None:
        """Raise ItemUnsuitable for a file whose name says that the operation is not for it."""
        kinds = self.operation.kinds
        if not kinds or claimed.file_id is None:
            return
        kind = kind_of(claimed.key)
        if kind not in kinds and kind != OTHER:
            raise ItemUnsuitable(
                f"Not processed: this operation is for {name_kinds(kinds)}, not for {NOUNS[kind]}"
            )

    def _failed(
        self, claimed: ClaimedItem, item: Item, error: BaseException, started_at: float
    ) -> FinishedItem:
        message = describe_failure(error, item=item)
        data = None
        if isinstance(error, ItemFailed):
            try:
                data = encode_result(error.data)
            except ItemFailed as too_large:
                message = f"{message} ({too_large.message})"
            data = hide_paths_in_json(data, item) if data else data
        same = None
        # A finding is about this file, not about the disk or the network.
        if not (isinstance(error, ItemFailed) and error.finding):
            same = without_name(message, claimed.key)
        return FinishedItem(
            claimed, ItemStatus.FAILED, message, data, started_at, clock.now(), error=same
        )
