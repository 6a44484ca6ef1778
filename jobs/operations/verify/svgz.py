"""Checks SVG pictures in gzip files: unpacked with their checksum, and parsed."""

from dataclasses import replace

from jobs.operations.verify.archives import Unpacked, check_packed
from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import Checked, Limits, Meter
from jobs.operations.verify.structured import check_unpacked_xml


def check_svgz(content: Content, limits: Limits) -> Checked:
    """Return what is in the file. Raises ItemFailed if it is broken, packed or unpacked."""
    checked = check_packed(content, "gzip", limits)
    with content.open() as stream:
        pieces = iter(Unpacked(stream, "gzip", Meter(limits, content.size)))
        root = check_unpacked_xml(pieces)
    return replace(checked, facts={**checked.facts, "contains": root if root == "svg" else "xml"})
