"""Limits what a file may unpack to. A decompression bomb fails quickly and fills no disk."""

from dataclasses import dataclass
from typing import Any

from jobs.operations.results import ItemFailed

RATIO_GRACE_BYTES = 1024**3
"""Content that unpacks to less than this is never rejected for its ratio."""
VISITS = 4
"""How often each byte of a file is looked at on average, at most."""
VISITS_GRACE_BYTES = 64 * 1024**2
"""A small file whose parts share their bytes is looked at up to this far."""


class TooLarge(ItemFailed):
    """The file exceeds a limit. It may be whole, so a part that raises it is not damaged."""

    def __init__(self, message: str) -> None:
        super().__init__(message, finding=True)


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one file: total unpacked bytes and pixels, unpacked bytes per packed byte, and
    seconds to decode sound and film, after which the rest is only read.
    """

    unpacked_bytes: int = 20 * 1024**3
    ratio: int = 200
    pixels: int = 1_000_000_000
    decoding_seconds: int = 600

    @classmethod
    def of(cls, parameters: dict[str, Any]) -> "Limits":
        """Return the limits that a person chose, with defaults for the others."""
        chosen = {
            "unpacked_bytes": parameters.get("max_unpacked_gb", 0) * 1024**3,
            "ratio": parameters.get("max_ratio", 0),
            "pixels": parameters.get("max_megapixels", 0) * 1_000_000,
            "decoding_seconds": parameters.get("max_decoding_minutes", 0) * 60,
        }
        return cls(**{name: limit for name, limit in chosen.items() if limit})

    def check_pixels(self, width: int, height: int) -> None:
        """Raise ItemFailed if a page of this size exceeds the limit."""
        if width * height > self.pixels:
            raise TooLarge(
                f"The picture is larger than the limit: {width:,} x {height:,} pixels, "
                f"the limit is {self.pixels // 1_000_000:,} megapixels a page. "
                "If you trust it, raise “Largest picture” and try again"
            )


class Meter:
    """Counts the bytes that one file unpacks to and that are looked at, and enforces the limits."""

    def __init__(self, limits: Limits, packed_bytes: int) -> None:
        self.unpacked = 0
        self._visited = 0
        self._most_visited = max(VISITS_GRACE_BYTES, VISITS * packed_bytes)
        self._limits = limits
        self._by_ratio = max(RATIO_GRACE_BYTES, limits.ratio * packed_bytes)
        self._most = min(limits.unpacked_bytes, self._by_ratio)

    def add(self, count: int) -> None:
        """Count more unpacked bytes. Raises ItemFailed past a limit."""
        self.expect(count)
        self.unpacked += count

    def visit(self, count: int) -> None:
        """Count bytes of the file that are looked at again.

        Parts of a file may overlap: a thousand pages can share one strip, a thousand members one
        content. Looking at each would take time that grows with the square of the file's size.
        Raises CannotCheck where that begins.
        """
        self._visited += count
        if self._visited > self._most_visited:
            raise CannotCheck("its parts overlap, so that reading each of them takes too long")

    def expect(self, count: int) -> None:
        """Raise ItemFailed if `count` more unpacked bytes exceed a limit."""
        if self.unpacked + count <= self._most:
            return
        if self._most == self._by_ratio:
            raise TooLarge(
                f"It unpacks to more than {self._limits.ratio} times its size, like an archive "
                "made to fill disks. If you trust it, raise “Largest ratio” and try again"
            )
        raise TooLarge(
            f"It unpacks to more than the limit of {self._limits.unpacked_bytes // 1024**3:,} GB. "
            "If you trust it, raise “Largest unpacked size” and try again"
        )


def broken(message: str) -> ItemFailed:
    """Return the failure for a file that is not intact."""
    return ItemFailed(message, finding=True)


def how_it_ends(has_end_mark: bool) -> str:
    """Return what a picture with too few rows is: one that has its end mark was not cut off."""
    return "damaged" if has_end_mark else "cut off"


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of the check of an intact file.

    facts  go into the result; may have a more specific "kind"
    note   says what could not be checked; empty if everything was
    depth  how far the check went: "content" or "structure"
    """

    facts: dict[str, Any]
    note: str = ""
    depth: str = "content"


class CannotCheck(Exception):
    """The check needs something that is not available here. The file may be intact.

    kind  what the file turned out to be, if that is not the kind that was asked about
    """

    def __init__(self, reason: str, *, kind: str = "") -> None:
        super().__init__(reason)
        self.kind = kind


def structure_only(reason: object, facts: dict[str, Any] | None = None) -> Checked:
    """Return the outcome for a file whose structure is whole and whose content is not checked."""
    return Checked(facts or {}, f"only its structure was checked: {reason}", depth="structure")


def shown(name: str) -> str:
    """Return a member's name for a sentence: quoted, and not longer than a line."""
    return f"“{name if len(name) <= 120 else name[:119] + '…'}”"
