"""Books and animations: the limit of pixels counts one page or frame, not the sum of all."""

import io

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from jobs.operations import ItemFailed
from jobs.operations.verify import limits
from tests.operations.verify.test_heif import avif, heic
from tests.operations.verify.tiff_samples import SIZE, colors

PAGES = 3


def saved(form, **options):
    first = Image.fromarray(colors())
    rest = [first.rotate(15 * page) for page in range(1, PAGES)]
    stream = io.BytesIO()
    first.save(stream, form, save_all=True, append_images=rest, **options)
    return stream.getvalue()


def moving_jxl():
    frames = np.stack([np.roll(colors(), 9 * page, axis=0) for page in range(PAGES)])
    return bytes(imagecodecs.jpegxl_encode(frames, level=80))


BOOKS = {
    "book.gif": lambda: saved("GIF"),
    "book.webp": lambda: saved("WEBP"),
    "book.png": lambda: saved("PNG"),
    "book.tif": lambda: saved("TIFF"),
    "book.pdf": lambda: saved("PDF"),
    "book.avif": lambda: avif(PAGES),
    "book.heic": lambda: heic(PAGES),
    "book.jxl": moving_jxl,
}


@pytest.mark.parametrize("name", BOOKS)
def test_limit_of_pixels_counts_one_page(verify, monkeypatch, name):
    content = BOOKS[name]()
    enough, too_few = limits.Limits(pixels=SIZE * SIZE), limits.Limits(pixels=SIZE * SIZE - 1)
    monkeypatch.setattr(limits.Limits, "of", lambda parameters: enough)
    result = verify(name, content)
    assert (result.message, result.data["pages"]) == ("", PAGES)
    monkeypatch.setattr(limits.Limits, "of", lambda parameters: too_few)
    with pytest.raises(ItemFailed, match=r"^The picture is larger than the limit: 96 x 96 pixels"):
        verify(name, content)
