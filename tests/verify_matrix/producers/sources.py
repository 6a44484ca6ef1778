"""Files in plain formats that programs turn into others: pictures, sound, film, text, folders."""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path

from tests.verify_matrix import subjects


def _image(path: Path, number: int) -> None:
    from PIL import Image

    Image.fromarray(subjects.picture(number)).save(path, _FORMATS[path.suffix])


def _text(path: Path, number: int) -> None:
    path.write_text(subjects.text(number))


def _big_text(path: Path, number: int) -> None:
    path.write_text(subjects.text(number, 400_000))


def _folder(path: Path, number: int) -> None:
    """Files as in a person's folder: texts, packed and unpacked pictures, an empty one."""
    (path / "sub").mkdir(parents=True, exist_ok=True)
    _text(path / "notes.txt", number)
    _text(path / "sub" / "über uns.txt", number + 50)
    _image(path / "photo.jpg", number)
    (path / "sub" / "raw.bin").write_bytes(subjects.random(number).bytes(50_000))
    (path / "empty.txt").touch()


def _tar(path: Path, number: int) -> None:
    folder = path.with_suffix(".packed")
    _folder(folder, number)
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as target:
        target.add(folder, "files")


def _pdf(path: Path, number: int) -> None:
    from tests.support.sample.pdfs import make_pdf

    lines = subjects.text(number, 20_000)
    path.write_bytes(make_pdf([lines[place : place + 1500] for place in range(0, 20_000, 1500)]))


def _json(path: Path, number: int) -> None:
    path.write_text(json.dumps(subjects.records(number), indent=1))


_FORMATS = {".png": "PNG", ".ppm": "PPM", ".jpg": "JPEG", ".bmp": "BMP"}
SOURCES: dict[str, Callable[[Path, int], None]] = {
    "png": _image,
    "ppm": _image,
    "jpg": _image,
    "wav": subjects.write_wav,
    "y4m": subjects.write_film,
    "txt": _text,
    "big": _big_text,
    "folder": _folder,
    "tar": _tar,
    "json": _json,
    "pdf": _pdf,
}
"""How each source is written, by the name that a command line has for it."""
