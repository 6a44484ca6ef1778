"""A file's verdict depends on that file alone, whatever the worker has verified before it."""

import itertools
import math

import pytest

from jobs.operations import ItemFailed
from jobs.operations.verify.libvips import load_vips
from tests.operations.verify import tiff_samples
from tests.operations.verify.samples import samples
from tests.operations.verify.test_heif import heic

COMPRESSIONS = ("lzw", "deflate", "jpeg")
ONE_OF_EACH = (
    "photo.jpg", "progressive.jpg", "drawing.png", "moving.gif", "lossy.webp", "pages.tif",
    "picture.avif", "report.pdf",
)  # fmt: skip


def files() -> dict[str, bytes]:
    """Whole and damaged files of every library that could keep something from one to the next."""
    noise = load_vips().Image.gaussnoise(256, 256, mean=128, sigma=40, seed=3).cast("uchar")
    whole = {name: samples()[name] for name in ONE_OF_EACH} | {
        f"{compression}.tif": noise.write_to_buffer(
            ".tif", compression=compression, tile=True, tile_width=64, tile_height=64
        )
        for compression in COMPRESSIONS
    }
    whole |= {
        "zstd.tif": tiff_samples.whole()["zstd in tiles"],
        "photo.dng": tiff_samples.lossless_jpeg_dng(),
        "photo.heic": heic(),
    }
    damaged = {}
    for name, content in whole.items():
        place = len(content) // 2
        damaged[f"damaged-{name}"] = content[:place] + bytes(300) + content[place + 300 :]
    return whole | damaged


def every_pair(names: list[str]) -> list[str]:
    """Return names in an order in which each one follows each other one once."""
    order = []
    for distance in range(1, len(names)):
        for start in range(math.gcd(distance, len(names))):
            at = start
            order.append(names[at])
            while (at := (at + distance) % len(names)) != start:
                order.append(names[at])
            order.append(names[start])
    return order


@pytest.fixture
def verdict(verify, library):
    for name, content in files().items():
        (library / name).write_bytes(content)

    def given(name: str) -> str:
        try:
            return f"whole {verify(name).message}"
        except ItemFailed as failure:
            return f"damaged {failure.message}"

    return given


def test_verdict_after_every_other_file_is_the_verdict_alone(verdict):
    names = sorted(files())
    alone = {name: verdict(name) for name in names}
    assert len({verdict.split()[0] for verdict in alone.values()}) == 2
    order = every_pair(names)
    assert len(set(itertools.pairwise(order))) >= len(names) * (len(names) - 1)
    for before, name in itertools.pairwise(["none", *order]):
        assert (before, name, verdict(name)) == (before, name, alone[name])


def test_damaged_tiles_fail_although_libvips_draws_them_in_black(verdict):
    for compression in COMPRESSIONS:
        assert verdict(f"{compression}.tif") == "whole "
        assert verdict(f"damaged-{compression}.tif").startswith("damaged The picture is ")
