"""The model's items, and how a resume or retry sets them back step by step."""

from dataclasses import dataclass


@dataclass(slots=True)
class Item:
    """`holder` is the name of the worker that has claimed it; `finishes` counts its ends."""

    status: str = "pending"
    holder: int | None = None
    attempts: int = 0
    finishes: int = 0


@dataclass(slots=True)
class Preparation:
    """A retry leaves out what is pending and then takes up what failed; `restore` undoes the
    first. Items that a worker holds are left to that worker."""

    kind: str
    step: str = ""
    after: int = -1

    def step_forward(self, items: list[Item], size: int) -> bool:
        """Set back the next `size` items; True when that was the last step."""
        if self.step == "skip_changed":
            if self._move(items, size, "pending", "skipped"):
                self.step, self.after = "reset", -1
            return False
        if self.kind == "retry":
            return self._move(items, size, "failed", "pending")
        return self._move(items, size, "skipped", "pending")

    def _move(self, items: list[Item], size: int, old: str, new: str) -> bool:
        found = [
            position
            for position, item in enumerate(items)
            if position > self.after and item.status == old and item.holder is None
        ][:size]
        for position in found:
            items[position].status = new
            items[position].attempts = 0
        self.after = found[-1] if found else self.after
        return len(found) < size
