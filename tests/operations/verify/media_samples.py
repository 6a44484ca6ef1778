"""Makes short sounds and films of every usual kind, with FFmpeg's encoders."""

import functools
import io
from typing import Any

import av
import numpy as np

RATE = 48_000
SECONDS = 2
FRAMES_A_SECOND = 25
WIDTH, HEIGHT = 64, 48

SOUNDS = {
    "song.mp3": ("mp3", "libmp3lame"),
    "song.aac": ("adts", "aac"),
    "song.m4a": ("ipod", "aac"),
    "alac.m4a": ("ipod", "alac"),
    "song.ogg": ("ogg", "vorbis"),
    "song.opus": ("opus", "libopus"),
    "song.flac": ("flac", "flac"),
    "song.wma": ("asf", "wmav2"),
    "song.wv": ("wv", "wavpack"),
    "song.tta": ("tta", "tta"),
    "song.wav": ("wav", "pcm_s16le"),
    "song.aiff": ("aiff", "pcm_s16be"),
    "song.w64": ("w64", "pcm_s16le"),
}
FILMS = {
    "film.mp4": ("mp4", "libx264", "aac"),
    "film.mov": ("mov", "mpeg4", "aac"),
    "film.3gp": ("3gp", "libx264", "aac"),
    "film.mkv": ("matroska", "libx264", "libopus"),
    "film.webm": ("webm", "libvpx", "libopus"),
    "film.avi": ("avi", "mpeg4", "libmp3lame"),
    "film.ts": ("mpegts", "libx264", "aac"),
    "film.mpg": ("mpeg", "mpeg2video", "mp2"),
    "hevc.mp4": ("mp4", "libx265", "aac"),
}
NAMES = (*SOUNDS, *FILMS)
_FAST = {
    "libx264": {"preset": "ultrafast"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none:pools=none"},
    "libvpx": {"deadline": "realtime", "cpu-used": "8"},
}


@functools.cache
def media(name: str) -> bytes:
    """Return the whole file of this name."""
    if name in SOUNDS:
        form, sound = SOUNDS[name]
        return _encode(form, None, sound)
    return _encode(*FILMS[name])


def _encode(form: str, picture: str | None, sound: str) -> bytes:
    target = io.BytesIO()
    random = np.random.default_rng(7)
    with av.open(target, "w", format=form) as container:
        streams: list[tuple[Any, Any]] = []
        if picture:
            video: Any = container.add_stream(picture, rate=FRAMES_A_SECOND)
            video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            video.bit_rate = 300_000
            video.gop_size = 12
            video.options = _FAST.get(picture, {})
            streams.append((video, _pictures(random)))
        audio: Any = container.add_stream(sound, rate=RATE, layout="stereo")
        if sound == "vorbis":
            audio.codec_context.options = {"strict": "experimental"}
        audio.bit_rate = 128_000
        streams.append((audio, _tones(random, audio)))
        for stream, frames in streams:
            for frame in frames:
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return target.getvalue()


def _pictures(random):
    still = random.integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    for number in range(SECONDS * FRAMES_A_SECOND):
        yield av.VideoFrame.from_ndarray(np.roll(still, number * 3, axis=1), format="rgb24")


def _tones(random, stream):
    times = np.arange(RATE * SECONDS) / RATE
    wave = np.sin(times * 2 * np.pi * 440) * 0.4 + random.normal(0, 0.05, times.size)
    samples = (np.stack([wave, wave[::-1]]) * 32_000).astype(np.int16)
    size = stream.codec_context.frame_size or 1024
    resampler = av.AudioResampler(stream.format, "stereo", RATE, frame_size=size)
    for start in range(0, samples.shape[1], size):
        part = np.ascontiguousarray(samples[:, start : start + size].T.reshape(1, -1))
        frame = av.AudioFrame.from_ndarray(part, format="s16", layout="stereo")
        frame.sample_rate = RATE
        frame.pts = start
        yield from resampler.resample(frame)
    yield from resampler.resample(None)
