"""Decodes every packet of a sound or film with FFmpeg, and reads what FFmpeg logs."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from time import monotonic
from typing import IO, Any

from jobs.operations.verify.limits import CannotCheck, broken

_OPTIONS = {"err_detect": "crccheck+bitstream+buffer"}
"""Check every checksum. Not `explode`, which would skip a damaged packet without a word."""

_HARMLESS = re.compile(
    r"mmco: unref short failure|invalid new backstep|duplicated? moov|"
    r"deprecated pixel format|co located pocs|no frame!",
    re.IGNORECASE,
)
_UNKNOWN_CHANNELS = "Channel mask does not match"
_DOUBTFUL = "bits_left="
"""A frame of MP3 whose length and content differ: after damage, or as the encoder writes all."""
_MOST_DOUBTFUL = 3
"""Damage leaves a few such frames, an encoder that writes them leaves hundreds."""
_DECODED = ("video", "audio")


@dataclass(slots=True)
class Decoded:
    """What decoding found.

    seconds      how long it plays; None if that is not known
    damaged_at   seconds at which the first damage is; None if there is none
    doubtful_at  seconds at which the first of a few frames is that are odd, but can be decoded
    unknown      streams that cannot be decoded here, by the name of their codec
    decoded_to   seconds up to which it was decoded, if the time for decoding was used up
    md5          of the samples of a lossless sound, if asked for
    sizes        width and height of each film
    pictures     how many pictures of the films were decoded
    """

    seconds: float | None = None
    damaged_at: float | None = None
    doubtful_at: float | None = None
    unknown: list[str] = field(default_factory=list)
    decoded_to: float | None = None
    md5: str = ""
    streams: int = 0
    sizes: list[tuple[int, int]] = field(default_factory=list)
    pictures: int = 0


@cache
def load_av() -> Any:
    """Return PyAV, or raise CannotCheck if it is not installed. Loading takes a tenth of a second.

    A worker loads it when it meets the first sound or film, not when it starts.
    """
    try:
        import av
        import av.logging
    except ImportError:
        raise CannotCheck("sound and film need the package “av”, which is not installed") from None
    # Else an error with the words of the one before, in this file or the last, is not reported.
    av.logging.set_skip_repeated(False)
    return av


def decode(
    stream: IO[bytes],
    form: str,
    budget_seconds: float,
    *,
    edges: int = 0,
    md5_bits: int = 0,
    check_size: Callable[[int, int], None] | None = None,
) -> Decoded:
    """Decode a file, which FFmpeg reads as format `form`, for at most `budget_seconds`.

    After that time packets are read to the end and not decoded. Errors in the first and last
    `edges` packets of a sound do not count, since programs that cut sound leave such packets.
    With `md5_bits`, the bits of one sample, the MD5 of all samples is returned as well.
    `check_size` is called with the size of each film before it is decoded, and may raise.

    Raises ItemFailed if the file cannot be opened, CannotCheck without PyAV or without a decoder
    for any stream.
    """
    av = load_av()
    with av.logging.Capture(local=False) as log:
        av.logging.set_level(av.logging.ERROR)
        try:
            # The format is given: FFmpeg would follow a playlist to other files.
            container = av.open(stream, format=form, options=_OPTIONS, metadata_errors="replace")
        except av.error.FFmpegError:
            raise broken("The file is damaged: its beginning cannot be read") from None
        with container:
            decoding = _Decoding(av, container, log, monotonic() + budget_seconds)
            return decoding.run(edges, md5_bits, check_size)


class _Decoding:
    def __init__(self, av: Any, container: Any, log: Any, until: float) -> None:
        self._av = av
        self._container = container
        self._log = log
        self._until = until
        self._found = Decoded()
        self._packets: dict[int, int] = {}
        self._suspects: list[tuple[int, int, float]] = []
        self._doubts: list[tuple[int, int, float]] = []
        self._started: set[int] = set()
        self._time = 0.0
        self._digest = hashlib.md5(usedforsecurity=False)
        self._bits = 0

    def run(
        self, edges: int, md5_bits: int, check_size: Callable[[int, int], None] | None
    ) -> Decoded:
        self._bits = md5_bits
        streams = [stream for stream in self._container.streams if self._can_decode(stream)]
        if not streams:
            names = ", ".join(self._found.unknown) or "none is known"
            raise CannotCheck(f"its streams cannot be decoded here ({names})")
        films = [stream for stream in streams if stream.type == "video"]
        self._found.sizes = [(film.width, film.height) for film in films]
        if check_size:
            for width, height in self._found.sizes:
                check_size(width, height)
        if self._container.duration:
            self._found.seconds = self._container.duration / self._av.time_base
        self._found.streams = len(streams)
        self._note_log(-1)
        try:
            for packet in self._container.demux(streams):
                self._packet(packet)
        except self._av.error.FFmpegError:
            self._suspect(-1)
        self._note_log(-1)
        self._judge(edges)
        self._found.md5 = self._digest.hexdigest() if md5_bits else ""
        return self._found

    def _can_decode(self, stream: Any) -> bool:
        if stream.type not in _DECODED or stream.disposition & self._attached():
            return False
        context = stream.codec_context
        if context is None:
            self._found.unknown.append("unknown")
            return False
        context.thread_count = 1
        context.options = dict(_OPTIONS)
        return True

    def _attached(self) -> Any:
        return self._av.stream.Disposition.attached_pic

    def _packet(self, packet: Any) -> None:
        number = packet.stream.index
        # What the reader reports here concerns what came after the packet before.
        self._note_log(-1)
        if packet.pts is not None:
            self._time = max(0.0, float(packet.pts * packet.time_base))
        if packet.size:
            self._packets[number] = self._packets.get(number, 0) + 1
        if packet.is_corrupt:
            self._suspect(number)
        if packet.is_keyframe:
            self._started.add(number)
        if self._found.decoded_to is None and monotonic() > self._until:
            self._found.decoded_to = self._time
        if self._found.decoded_to is not None or _is_empty(packet):
            return
        try:
            for frame in packet.decode():
                self._found.pictures += packet.stream.type == "video"
                if self._bits:
                    self._digest.update(_samples(frame, self._bits))
        except self._av.error.FFmpegError:
            self._suspect(number)
        self._note_log(number)

    def _note_log(self, stream: int) -> None:
        """Take in what was logged since the last call."""
        for _, _, text in self._log:
            if _UNKNOWN_CHANNELS in text:
                raise CannotCheck("its channels are in an order that is not known here")
            if _DOUBTFUL in text:
                self._doubts.append((stream, self._packets.get(stream, 0), self._time))
            elif not _HARMLESS.search(text):
                self._suspect(stream)
        self._log.clear()

    def _suspect(self, stream: int) -> None:
        if stream >= 0 and stream not in self._started:
            return  # before the first whole picture
        self._suspects.append((stream, self._packets.get(stream, 0), self._time))

    def _judge(self, edges: int) -> None:
        self._found.damaged_at = next(self._inside(self._suspects, edges), None)
        doubts = list(self._inside(self._doubts, edges))
        if 0 < len(doubts) <= _MOST_DOUBTFUL:
            self._found.doubtful_at = doubts[0]

    def _inside(self, events: list[tuple[int, int, float]], edges: int) -> Iterator[float]:
        """Yield the times of those that are not at an edge of a sound."""
        for stream, packet, time in events:
            if edges and stream >= 0 and self._container.streams[stream].type == "audio":
                last = self._packets.get(stream, 0)
                if packet <= edges or packet >= last:
                    continue
            yield time


def _is_empty(packet: Any) -> bool:
    """Return True for a packet without bytes, as encoders end an Ogg; FFmpeg refuses it.

    The last packet that PyAV makes has no bytes and no time, and gets the frames that wait.
    """
    return not packet.size and packet.pts is not None


def _samples(frame: Any, bits: int) -> bytes:
    """Return the samples as FLAC's MD5 counts them: interleaved, in whole bytes, little-endian."""
    samples = frame.to_ndarray() >> (frame.format.bytes * 8 - bits)
    width = (bits + 7) // 8
    whole = samples.astype("<i4").reshape(-1, 1).view("u1")
    return bytes(whole[:, :width].tobytes())
