"""Databases, tables and arrays, fonts."""

import sqlite3
from pathlib import Path
from typing import Any

import numpy as np

from tests.verify_matrix import subjects
from tests.verify_matrix.producers.recipe import Recipe, library


def _sqlite(out: Path, number: int) -> None:
    connection = sqlite3.connect(out)
    connection.execute("CREATE TABLE photos (id INTEGER PRIMARY KEY, name TEXT, size, thumb BLOB)")
    connection.execute("CREATE INDEX by_name ON photos (name)")
    rows = [
        (row["id"], row["name"], row["size"], subjects.random(number).bytes(60))
        for row in subjects.records(number)
    ]
    connection.executemany("INSERT INTO photos VALUES (?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()


def _numpy(packed: bool) -> Any:
    def make(out: Path, number: int) -> None:
        if not packed:
            np.save(out, subjects.sound(number, 0.3))
            return
        np.savez_compressed(out, sound=subjects.sound(number, 0.3), pixels=subjects.picture(number))

    return make


def _hdf5(**options: Any) -> Any:
    def make(out: Path, number: int) -> None:
        import h5py

        with h5py.File(out, "w") as target:
            pixels = subjects.picture(number)
            target.create_dataset("pixels", data=pixels, chunks=(64, 64, 3), **options)
            target.create_dataset("sound", data=subjects.sound(number, 0.3))

    return make


def _fits(out: Path, number: int) -> None:
    from astropy.io import fits

    pixels = subjects.picture(number)[..., 0].astype(">i2")
    parts = [fits.PrimaryHDU(pixels), fits.ImageHDU(pixels * 2)]
    fits.HDUList(parts).writeto(out, checksum=True)


def _parquet(**options: Any) -> Any:
    def make(out: Path, number: int) -> None:
        import pyarrow as pa
        import pyarrow.parquet

        table = pa.Table.from_pylist(subjects.records(number, 3000))
        pyarrow.parquet.write_table(table, out, **options)

    return make


def _font(form: str) -> Any:
    """Draw letters; real fonts differ from machine to machine."""

    def make(out: Path, number: int) -> None:
        from fontTools.fontBuilder import FontBuilder
        from fontTools.pens.ttGlyphPen import TTGlyphPen

        names = [".notdef", *(f"u{code:04x}" for code in range(0x41, 0x41 + 700))]
        builder = FontBuilder(1000, isTTF=True)
        builder.setupGlyphOrder(names)
        builder.setupCharacterMap({0x41 + index: name for index, name in enumerate(names[1:])})
        glyphs, source = {}, subjects.random(number)
        for name in names:
            pen = TTGlyphPen(None)
            points = [tuple(point) for point in source.integers(0, 1000, (14, 2)).tolist()]
            pen.moveTo(points[0])
            for point in points[1:]:
                pen.lineTo(point)
            pen.closePath()
            glyphs[name] = pen.glyph()
        builder.setupGlyf(glyphs)
        builder.setupHorizontalMetrics(dict.fromkeys(names, (1000, 0)))
        builder.setupHorizontalHeader(ascent=900, descent=-100)
        builder.setupNameTable({"familyName": f"Matrix {number}", "styleName": "Regular"})
        builder.setupOS2()
        builder.setupPost()
        builder.font.flavor = form or None
        builder.save(out)

    return make


RECIPES: list[Recipe] = [
    library("SQLite", "sqlite", "sqlite3", _sqlite, "sqlite3"),
    library("npy, npz", "npy", "numpy", _numpy(False), "NumPy"),
    library("npy, npz", "npz", "numpy", _numpy(True), "NumPy, packed"),
    library("HDF5", "h5", "h5py", _hdf5(fletcher32=True), "h5py, Fletcher-32"),
    library("HDF5", "h5", "h5py", _hdf5(compression="gzip"), "h5py, gzip"),
    library("HDF5", "h5", "h5py", _hdf5(), "h5py"),
    library("FITS", "fits", "astropy", _fits, "astropy, with checksums"),
    library("Parquet", "parquet", "pyarrow", _parquet(write_page_checksum=True),
        "pyarrow, with checksums"),
    library("Parquet", "parquet", "pyarrow", _parquet(compression="zstd"), "pyarrow"),
    library("font", "ttf", "fontTools", _font(""), "fontTools"),
    library("font", "woff", "fontTools", _font("woff"), "fontTools, WOFF"),
    library("font", "woff2", "fontTools", _font("woff2"), "fontTools, WOFF2"),
]  # fmt: skip
