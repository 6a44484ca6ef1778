"""What looks into the content of each kind of data."""

from collections.abc import Callable

from jobs.operations.verify.content import Content
from jobs.operations.verify.data.arrays import check_npy
from jobs.operations.verify.data.fits import check_fits
from jobs.operations.verify.data.fonts import check_font
from jobs.operations.verify.data.hdf5 import check_hdf5
from jobs.operations.verify.data.parquet import check_parquet
from jobs.operations.verify.data.sqlite import check_sqlite
from jobs.operations.verify.data.web_fonts import check_web_font
from jobs.operations.verify.limits import Checked, Limits

DATA: dict[str, Callable[[Content, str, str, Limits], Checked]] = {
    "sqlite": lambda content, kind, name, limits: check_sqlite(content, limits),
    **dict.fromkeys(
        ("ttf", "otf", "ttc"), lambda content, kind, _, limits: check_font(content, kind, limits)
    ),
    **dict.fromkeys(
        ("woff", "woff2"), lambda content, kind, _, limits: check_web_font(content, kind, limits)
    ),
    "npy": lambda content, *_: check_npy(content),
    "parquet": lambda content, kind, name, limits: check_parquet(content, limits),
    "hdf5": lambda content, kind, name, limits: check_hdf5(content, name),
    "fits": lambda content, *_: check_fits(content),
}
