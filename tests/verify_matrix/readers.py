"""Reads a file to its end with a library that `verify` does not use: `readers.py KIND FILE`.

For kinds without a program that checks them. Ends with a traceback if the library finds something
wrong.
"""

import sys
import warnings


def _fits(path: str) -> None:
    from astropy.io import fits

    with fits.open(path, checksum=True) as parts:
        for part in parts:
            part.data  # noqa: B018 - read when asked for


def _font(path: str) -> None:
    from fontTools.ttLib import TTFont

    with TTFont(path, checkChecksums=2, lazy=False, fontNumber=0) as font:
        for table in font.keys():  # noqa: SIM118 - not a dict
            font[table]


def _hdf5(path: str) -> None:
    import h5py

    with h5py.File(path) as file:
        file.visititems(lambda _, part: part[()] if isinstance(part, h5py.Dataset) else None)


def _numpy(path: str) -> None:
    import numpy as np

    loaded = np.load(path)
    if isinstance(loaded, np.lib.npyio.NpzFile):
        with loaded:
            for name in loaded.files:
                loaded[name]


def _parquet(path: str) -> None:
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path, page_checksum_verification=True) as file:
        for group in range(file.num_row_groups):
            file.read_row_group(group)


READERS = {"fits": _fits, "font": _font, "hdf5": _hdf5, "numpy": _numpy, "parquet": _parquet}

if __name__ == "__main__":
    warnings.simplefilter("error")
    READERS[sys.argv[1]](sys.argv[2])
