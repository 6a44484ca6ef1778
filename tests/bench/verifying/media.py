"""Makes songs and short films with FFmpeg's encoders, as PyAV brings them."""

import io
from typing import Any

import av
import numpy as np

from tests.bench.verifying.photos import scene

_RATE = 48_000
_SONGS = (("mp3", "mp3", "fltp"), ("ipod", "aac", "fltp"), ("ogg", "libopus", "flt"),
          ("flac", "flac", "s16"))  # fmt: skip
_FILMS = (("mp4", "libx264", "aac"), ("matroska", "libx264", "aac"), ("webm", "libvpx", "libopus"))
_SUFFIXES = {"ipod": "m4a", "matroska": "mkv"}
_FRAMES_A_SECOND = 25


def media(number: int) -> tuple[str, bytes]:
    """Return the suffix of a name and a file: two songs of half a minute, then a film of 6 s."""
    if number % 3 == 2:
        form, video, audio = _FILMS[number // 3 % len(_FILMS)]
        return _SUFFIXES.get(form, form), _film(number, form, video, audio)
    form, codec, sample = _SONGS[(number - number // 3) % len(_SONGS)]
    out = io.BytesIO()
    with av.open(out, "w", format=form) as container:
        _sing(container, _voice(container, codec), sample, number, 30)
    return _SUFFIXES.get(form, form), out.getvalue()


def _film(number: int, form: str, video: str, audio: str) -> bytes:
    out, seconds = io.BytesIO(), 6
    with av.open(out, "w", format=form) as container:
        stream: Any = container.add_stream(video, rate=_FRAMES_A_SECOND)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        stream.bit_rate = 2_000_000
        voice = _voice(container, audio)  # all streams are there before the first packet
        stream.options = {"preset": "ultrafast"} if video == "libx264" else {"cpu-used": "8"}
        pixels = scene(number % 2)
        for index in range(_FRAMES_A_SECOND * seconds):
            x, y = (7 * index + number) % 2000, (3 * index) % 1800
            picture = np.ascontiguousarray(pixels[y : y + 360, x : x + 640])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
        _sing(container, voice, "flt" if audio == "libopus" else "fltp", number, seconds)
    return out.getvalue()


def _voice(container: Any, codec: str) -> Any:
    return container.add_stream(codec, rate=_RATE, layout="stereo")


def _sing(container: Any, stream: Any, sample: str, number: int, seconds: int) -> None:
    """Write sound: tones that change, with noise, in two channels."""
    noise = np.random.default_rng(number)
    resampler = av.AudioResampler(format=sample, layout="stereo", rate=_RATE,
                                  frame_size=stream.codec_context.frame_size or 1024)  # fmt: skip
    for second in range(seconds):
        time = np.arange(_RATE) / _RATE
        tones = np.sin(2 * np.pi * np.outer(noise.integers(80, 4000, 4), time)).sum(0)
        wave = 0.15 * np.stack([tones, tones[::-1]]) + noise.normal(0, 0.02, (2, _RATE))
        frame = av.AudioFrame.from_ndarray(wave.astype(np.float32), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = _RATE, second * _RATE
        for piece in resampler.resample(frame):
            container.mux(stream.encode(piece))
    for piece in resampler.resample(None):
        container.mux(stream.encode(piece))
    container.mux(stream.encode(None))
