"""The check of one TIFF file: libvips where it is fast and sure, else piece by piece."""

from collections.abc import Callable
from typing import Any

from jobs.operations.results import ItemFailed
from jobs.operations.verify.content import Content
from jobs.operations.verify.libvips import had_bad_rows
from jobs.operations.verify.limits import CannotCheck, Checked, Limits, Meter, broken
from jobs.operations.verify.tiffs.directories import SUB_DIRECTORIES, Directories
from jobs.operations.verify.tiffs.layout import COMPRESSION, Layout
from jobs.operations.verify.tiffs.one_page import Page
from jobs.operations.verify.tiffs.pieces import Found, check_pieces
from jobs.operations.verify.tiffs.walk import Tiff

_BY_LIBVIPS = frozenset({1, 2, 3, 4, 5, 8, 32773, 32946, 32809, 34676, 34677})
"""Compressions that libvips decodes, and reports all damage of."""

_ROWS_DO_NOT_FIT = "rows of it are not complete, as after a bad fax transmission or damage"
_MORE_PAGES = "it has more pages than are looked at"


def check_tiff(
    content: Content, limits: Limits, by_libvips: Callable[[list[Page]], dict[str, Any]]
) -> Checked:
    """Return size and pages of a whole file. `by_libvips` decodes pages with libvips.

    Raises ItemFailed for a damaged one, CannotCheck if no page can be decoded.
    """
    with content.open() as stream:
        tiff = Tiff(stream, content.size, Meter(limits, content.size))
        tiff.check()
        compressions: set[int] = set()
        has_more, is_complete = False, True
        for page in Directories(stream, content.size).pages():
            compressions.add(page.number(COMPRESSION, 1))
            # libvips draws what is not listed in black, a thousand megapixels if the size is wrong.
            is_complete = is_complete and Layout(page).lists_all_pieces()
            has_more = has_more or SUB_DIRECTORIES in page
    facts: dict[str, Any] | None = None
    failure: ItemFailed | CannotCheck | None = None
    if compressions <= _BY_LIBVIPS and is_complete:
        had_bad_rows()  # not of this file
        try:
            facts = by_libvips(tiff.pages)
        except (ItemFailed, CannotCheck) as reason:
            failure = reason
    if facts is not None and had_bad_rows():
        return Checked(facts, _ROWS_DO_NOT_FIT)
    note = _MORE_PAGES if tiff.has_more else ""
    if facts is not None and not has_more:
        return Checked(facts, note, depth="structure" if note else "content")
    found = check_pieces(content, limits, pages=facts is None)
    if facts is None:
        facts = _facts(found, failure)
    depth = "structure" if note or found.note else "content"
    return Checked(facts, note or found.note, depth)


def _facts(found: Found, failure: Exception | None) -> dict[str, Any]:
    """Return the facts if pages could be decoded. Raises the failure of libvips if not."""
    if not found.decoded:
        if failure is not None:
            raise failure
        if not found.unknown:
            raise broken("The picture is damaged: there are no strips or tiles in it")
        raise CannotCheck(next(iter(found.unknown)))
    width, height = found.sizes
    facts = {"width": width, "height": height}
    return {**facts, "pages": found.pages} if found.pages > 1 else facts
