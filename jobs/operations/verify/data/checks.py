"""What looks into the content of each kind of data.

Most of these checks need NumPy. It is loaded with the first file of such a kind: it starts threads,
and the processes that only serve pages or start others do without it.
"""

from collections.abc import Callable

from jobs.operations.verify.content import Content
from jobs.operations.verify.data.hdf5 import check_hdf5
from jobs.operations.verify.data.parquet import check_parquet
from jobs.operations.verify.data.sqlite import check_sqlite
from jobs.operations.verify.limits import Checked, Limits


def _font(content: Content, kind: str, _: str, limits: Limits) -> Checked:
    from jobs.operations.verify.data.fonts import check_font

    return check_font(content, kind, limits)


def _web_font(content: Content, kind: str, _: str, limits: Limits) -> Checked:
    from jobs.operations.verify.data.web_fonts import check_web_font

    return check_web_font(content, kind, limits)


def _npy(content: Content, *_: object) -> Checked:
    from jobs.operations.verify.data.arrays import check_npy

    return check_npy(content)


def _fits(content: Content, *_: object) -> Checked:
    from jobs.operations.verify.data.fits import check_fits

    return check_fits(content)


DATA: dict[str, Callable[[Content, str, str, Limits], Checked]] = {
    "sqlite": lambda content, kind, name, limits: check_sqlite(content, limits),
    **dict.fromkeys(("ttf", "otf", "ttc"), _font),
    **dict.fromkeys(("woff", "woff2"), _web_font),
    "npy": _npy,
    "parquet": lambda content, kind, name, limits: check_parquet(content, limits),
    "hdf5": lambda content, kind, name, limits: check_hdf5(content, name),
    "fits": _fits,
}
