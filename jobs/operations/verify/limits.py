"""How much a file may unfold into: a bomb fails its item quickly and does not fill a disk."""

from dataclasses import dataclass
from typing import Any

from jobs.operations.outcome import ItemFailed

RATIO_GRACE_BYTES = 1024**3
"""Content that unpacks to less than this is never refused for its ratio."""


@dataclass(frozen=True, slots=True)
class Limits:
    """unpacked_bytes and pixels of one file in all; ratio of unpacked to packed bytes."""

    unpacked_bytes: int = 20 * 1024**3
    ratio: int = 200
    pixels: int = 1_000_000_000

    @classmethod
    def of(cls, parameters: dict[str, Any]) -> "Limits":
        """The limits that a person chose; defaults for what is not given."""
        default = cls()
        gigabytes = parameters.get("max_unpacked_gb")
        megapixels = parameters.get("max_megapixels")
        return cls(
            unpacked_bytes=gigabytes * 1024**3 if gigabytes else default.unpacked_bytes,
            ratio=parameters.get("max_ratio") or default.ratio,
            pixels=megapixels * 1_000_000 if megapixels else default.pixels,
        )

    def check_pixels(self, width: int, height: int, pages: int = 1) -> None:
        """Raise ItemFailed when a picture of this size is not to be decoded."""
        if width * height * pages > self.pixels:
            frames = f" x {pages:,} pages" if pages > 1 else ""
            raise broken(
                f"The picture is larger than the limit: {width:,} x {height:,}{frames} pixels, "
                f"the limit is {self.pixels // 1_000_000:,} megapixels in all. "
                "If you trust it, raise “Largest picture” and try again"
            )


class Meter:
    """Counts what one file unpacks to, and stops it at the limits."""

    def __init__(self, limits: Limits, packed_bytes: int) -> None:
        self.unpacked = 0
        self._limits = limits
        self._by_ratio = max(RATIO_GRACE_BYTES, limits.ratio * packed_bytes)
        self._most = min(limits.unpacked_bytes, self._by_ratio)

    def add(self, count: int) -> None:
        """Count so many more unpacked bytes. Raises ItemFailed past a limit."""
        self.unpacked += count
        if self.unpacked > self._most:
            self.refuse()

    def expect(self, count: int) -> None:
        """Raise ItemFailed at once when the file itself says that it is too large."""
        if self.unpacked + count > self._most:
            self.refuse()

    def refuse(self) -> None:
        if self._most == self._by_ratio:
            raise broken(
                f"It unpacks to more than {self._limits.ratio} times its size, like an archive "
                "made to fill disks. If you trust it, raise “Largest ratio” and try again"
            )
        raise broken(
            f"It unpacks to more than the limit of {self._limits.unpacked_bytes // 1024**3:,} GB. "
            "If you trust it, raise “Largest unpacked size” and try again"
        )


def broken(message: str) -> ItemFailed:
    """A fact about the file, for a person."""
    return ItemFailed(message, finding=True)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of a whole file tells.

    `facts` go into the result, and may name a narrower "kind"; `note` says what could not
    be checked, and is empty when everything was.
    """

    facts: dict[str, Any]
    note: str = ""


class CannotCheck(Exception):
    """The content needs something that is not here; the file may well be whole."""


def shown(name: str) -> str:
    """A member's name for a sentence: quoted, and not longer than a line."""
    return f"“{name if len(name) <= 120 else name[:119] + '…'}”"
