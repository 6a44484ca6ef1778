"""Compressed files and TAR archives as a whole: a TAR archive is also walked inside them."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from jobs.operations.verify.content import Content
from jobs.operations.verify.kinds import is_tar
from jobs.operations.verify.limits import Checked, Limits, Meter
from jobs.operations.verify.streams import PIECE_BYTES, Unpacked
from jobs.operations.verify.tars import check_tar


def check_packed(content: Content, kind: str, limits: Limits) -> Checked:
    """Unpack a gzip, bzip2, xz or zstd file to its end. Raises ItemFailed if it is broken."""
    meter = Meter(limits, content.size)
    facts: dict[str, Any] = {}
    with content.open() as stream:
        unpacked = Unpacked(stream, kind, meter)
        pieces: Iterator[bytes] = iter(unpacked)
        first = next(pieces, b"")
        if is_tar(first[:512]):
            facts["contains"] = "tar"
            facts["members"] = check_tar(chain([first], pieces))
        for _ in pieces:
            pass  # the checksum stands behind everything, also behind an archive's padding
    facts["unpacked_bytes"] = meter.unpacked
    return Checked(facts, "other data follows its end" if unpacked.trailing else "")


def check_plain_tar(content: Content) -> Checked:
    """Walk a TAR archive to its end mark. Raises ItemFailed if it is broken."""
    with content.open() as stream:
        return Checked({"members": check_tar(iter(lambda: stream.read(PIECE_BYTES), b""))})
