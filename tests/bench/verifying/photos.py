"""Makes photos and PNG pictures: noise and edges as a camera sees them, and screens of programs."""

import io
import random
import struct
from functools import cache
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

SIZES = ((1632, 1224), (2048, 1536), (2304, 1728), (2592, 1944), (2880, 2048))
"""2 to 6 megapixels."""
_SCENES = 3


@cache
def scene(number: int) -> Any:
    """Return a picture of 3 bytes a pixel, 3072 x 2304: soft areas, fine texture, hard edges."""
    random_of = np.random.default_rng(number)
    height, width = 1152, 1536
    total = np.full((height, width, 3), 128, np.float32)
    for step, weight in ((384, 70.0), (96, 45.0), (24, 25.0), (6, 12.0), (2, 6.0)):
        coarse = random_of.random((3, height // step + 1, width // step + 1), np.float32)
        for channel, plane in enumerate(coarse):
            image = Image.fromarray(plane).resize((width, height), Image.Resampling.BICUBIC)
            total[:, :, channel] += weight * (np.asarray(image) - 0.5)
    small = Image.fromarray(np.clip(total, 0, 255).astype(np.uint8))
    drawn = small.resize((2 * width, 2 * height), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(drawn)
    for _ in range(60):
        x, y, w, h = (int(value) for value in random_of.integers(0, 2000, 4))
        color = tuple(int(value) for value in random_of.integers(0, 256, 3))
        (draw.ellipse if w % 2 else draw.rectangle)((x, y, x + w // 6, y + h // 6), fill=color)
    grain = random_of.integers(-11, 12, (2 * height, 2 * width, 1), np.int8)
    return np.clip(np.asarray(drawn) + grain.astype(np.int16), 0, 255).astype(np.uint8)


def cropped(number: int, size: tuple[int, int]) -> Image.Image:
    """Return a part of a scene, another one for each number."""
    chosen = random.Random(number)
    pixels = scene(number % _SCENES)
    x = chosen.randrange(pixels.shape[1] - size[0])
    y = chosen.randrange(pixels.shape[0] - size[1])
    part = pixels[y : y + size[1], x : x + size[0]]
    return Image.fromarray(part[:, ::-1] if number % 8 >= 4 else part)


def photo(number: int) -> bytes:
    """Return a JPEG file: one of eight progressive, one of four without subsampling."""
    image = cropped(number, SIZES[number % len(SIZES)])
    return saved(
        image,
        "JPEG",
        quality=91 + number % 5,
        progressive=number % 8 == 1,
        subsampling="4:4:4" if number % 4 == 2 else "4:2:0",
        exif=_exif(image),
    )


def png(number: int) -> bytes:
    """Return a PNG file: by turns a photo, and screens in full colours and with a palette."""
    if number % 2 == 0:
        return saved(cropped(number, (1280, 960)), "PNG", compress_level=4)
    image = _screen(number)
    if number % 4 == 1:
        image = image.quantize(64)
    elif number % 8 == 3:
        image.putalpha(255)
    return saved(image, "PNG", compress_level=6)


def _screen(number: int) -> Image.Image:
    chosen = random.Random(number)
    image = Image.new("RGB", (1920, 1080), (236, 238, 241))
    draw = ImageDraw.Draw(image)
    for window in range(5):
        x, y = chosen.randrange(1200), chosen.randrange(600)
        draw.rectangle((x, y, x + 700, y + 460), fill="white", outline=(120, 120, 130))
        draw.rectangle((x, y, x + 700, y + 28), fill=(60 + 20 * window, 90, 160))
        for line in range(24):
            words = " ".join(f"{chosen.randrange(10**6):06}" for _ in range(12))
            draw.text((x + 12, y + 40 + 17 * line), words, fill=(30, 30, 30))
    part = cropped(number, (400, 300))
    image.paste(part, (chosen.randrange(1500), chosen.randrange(700)))
    return image


def _exif(image: Image.Image) -> bytes:
    """Return Exif data with the name of a camera, and a small JPEG in its second directory."""
    small = saved(image.resize((160, 120)), "JPEG", quality=80)
    first = struct.pack("<HHHI4sI", 1, 0x0110, 2, 4, b"Cam\0", 26)
    second = struct.pack(
        "<HHHIIHHIIHHIII", 3,
        0x0103, 3, 1, 6,  # packed as JPEG
        0x0201, 4, 1, 68,  # where it starts
        0x0202, 4, 1, len(small), 0,
    )  # fmt: skip
    return b"Exif\0\0" + struct.pack("<2sHI", b"II", 42, 8) + first + second + small


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    """Return the picture as a file of this form."""
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()
