"""What the producers put into files: pictures, sound, film and text, the same for the same number.

They are not too regular, so that a packed file has content everywhere, nor noise alone, so that a
codec works as on real pictures and sound.
"""

import functools
import wave
from pathlib import Path

import numpy as np

RATE = 44_100
WORDS = (
    "archive", "picture", "whole", "broken", "river", "stone", "morning", "letter", "window",
    "garden", "number", "between", "light", "paper", "winter", "answer", "holiday", "mountain",
    "train", "village", "summer", "kitchen", "market", "harbour", ")",
)  # fmt: skip


def random(number: int) -> np.random.Generator:
    return np.random.default_rng(1000 + number)


@functools.cache
def picture(number: int, side: int = 400) -> np.ndarray:
    """Return rows x columns x 3 bytes: soft colours with grain and edges."""
    source = random(number)
    height, width = side - 8 * (number % 5), side + 16 * (number % 7)
    down, across = np.mgrid[0:height, 0:width]
    planes = []
    for _ in range(3):
        waves = sum(
            source.uniform(10, 40)
            * np.sin(down / source.uniform(8, 90) + across / source.uniform(8, 90))
            for _ in range(4)
        )
        planes.append(128 + waves + source.normal(0, 9, (height, width)))
    pixels = np.clip(np.stack(planes, -1), 0, 255).astype("u1")
    for _ in range(8):
        top, left = source.integers(0, height - 40), source.integers(0, width - 60)
        pixels[top : top + 40, left : left + 60] = source.integers(0, 256, 3)
    return pixels


@functools.cache
def drawing(number: int, side: int = 400) -> np.ndarray:
    """Return the picture in few colours, as in a drawing or a scan."""
    return (picture(number, side) // 24) * 24


def sound(number: int, seconds: float = 3.0) -> np.ndarray:
    """Return samples x 2 values from -1 to 1: tones that change, with some noise."""
    source = random(number)
    time = np.arange(int(RATE * seconds)) / RATE
    channels = []
    for _ in range(2):
        tones = sum(
            np.sin(
                2 * np.pi * source.uniform(80, 3000) * time + np.sin(time * source.uniform(1, 9))
            )
            for _ in range(4)
        )
        channels.append(tones / 6 + source.normal(0, 0.02, len(time)))
    return np.clip(np.stack(channels, -1), -1, 1)


def write_wav(path: Path, number: int) -> None:
    with wave.open(str(path), "wb") as target:
        target.setnchannels(2)
        target.setsampwidth(2)
        target.setframerate(RATE)
        target.writeframes((sound(number) * 32000).astype("<i2").tobytes())


def write_film(path: Path, number: int, *, side: int = 160, frames: int = 50) -> None:
    """Write an uncompressed film of 25 frames a second, as YUV4MPEG2: a window that wanders."""
    shown = picture(number, side * 2)[:, :, :1]
    grain = random(number).integers(0, 24, (side, side)).astype("u1")
    with path.open("wb") as target:
        target.write(b"YUV4MPEG2 W%d H%d F25:1 Ip A1:1 C420jpeg\n" % (side, side))
        for frame in range(frames):
            window = shown[frame : frame + side, 2 * frame : 2 * frame + side, 0]
            colours = window[::2, ::2]
            target.write(b"FRAME\n" + np.maximum(window, np.roll(grain, frame * 7)).tobytes())
            target.write(colours.tobytes() + colours[::-1].tobytes())


def text(number: int, length: int = 60_000) -> str:
    """Return sentences of at least this many characters."""
    source = random(number)
    lines: list[str] = []
    total = 0
    while total < length:
        words = source.choice(WORDS, source.integers(5, 14))
        line = f"{' '.join(words).capitalize()} {source.integers(0, 10**9)}."
        lines.append(line)
        total += len(line) + 1
    return "\n".join(lines) + "\n"


def records(number: int, count: int = 800) -> list[dict[str, object]]:
    """Return rows of data, as exports of programs have them."""
    source = random(number)
    return [
        {
            "id": index,
            "name": " ".join(source.choice(WORDS, 3)),
            "size": int(source.integers(0, 10**12)),
            "ratio": float(source.uniform()),
            "tags": [str(word) for word in source.choice(WORDS, 2)],
        }
        for index in range(count)
    ]
