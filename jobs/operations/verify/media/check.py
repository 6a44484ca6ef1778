"""The check of one sound or film: the walk, then the decoders."""

from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import CannotCheck, Checked, Limits, broken, structure_only
from jobs.operations.verify.media.boxes import check_boxes
from jobs.operations.verify.media.chunks import check_chunks
from jobs.operations.verify.media.declared_ends import check_end
from jobs.operations.verify.media.decoding import Decoded, decode
from jobs.operations.verify.media.mp3 import JOINED, check_mp3
from jobs.operations.verify.media.ogg import check_ogg
from jobs.operations.verify.media.wavpack import check_blocks

FORMATS = {
    "aac": "aac",
    "aiff": "aiff",
    "ape": "ape",
    "asf": "asf",
    "avi": "avi",
    "flac": "flac",
    "matroska": "matroska",
    "mp3": "mp3",
    "mp4": "mov",
    "mpegps": "mpeg",
    "mpegts": "mpegts",
    "ogg": "ogg",
    "tta": "tta",
    "w64": "w64",
    "wav": "wav",
    "wavpack": "wv",
}
"""What FFmpeg calls the format of each kind."""

_STREAMS = frozenset({"mpegts", "mpegps"})
"""Recordings of broadcasts start and end anywhere, and lose packets on the way."""

SAMPLES = frozenset({"wav", "aiff", "w64"})
"""Bare samples, in which no decoder could see damage."""

_CHUNKED = SAMPLES | {"avi"}
_WALKED = frozenset({"avi", "ogg", "matroska", "asf", "mp4", "mp3", "wavpack"})
"""Kinds whose container is walked before they are decoded."""

_INDEXES = frozenset({b"moov", b"moof"})
_EDGES = {"mp3": 2, "avi": 2}
_LAST_INFO_BYTES = 42


def check_media(content: Content, kind: str, limits: Limits) -> Checked:
    """Return how long a whole sound or film plays. Raises ItemFailed for a damaged one."""
    note = _walk(content, kind)
    if kind in SAMPLES:
        return Checked({}, note, depth="structure")
    bits, md5 = _lossless(content.head) if kind == "flac" else (0, "")
    try:
        with content.open() as stream:
            found = decode(
                stream,
                FORMATS[kind],
                limits.decoding_seconds,
                edges=_EDGES.get(kind, 0),
                md5_bits=bits,
            )
    except CannotCheck as reason:
        if kind in _WALKED:
            return structure_only(reason)
        raise
    facts = {} if found.seconds is None else {"seconds": round(found.seconds, 1)}
    if found.damaged_at is not None and not (md5 and found.md5 == md5):
        if kind in _STREAMS or note == JOINED:
            return Checked(facts, f"it has errors, the first at {clock(found.damaged_at)}")
        raise broken(f"Damaged at {clock(found.damaged_at)}: it cannot be decoded as a whole")
    if found.doubtful_at is not None and not note:
        note = f"a frame at {clock(found.doubtful_at)} has other bits than it says, as after damage"
    if md5 and found.md5 != md5 and found.decoded_to is None:
        raise broken("The sound is damaged: its samples do not match its checksum (MD5)")
    missing = _not_decoded(found)
    return Checked(facts, note or missing, depth="structure" if missing else "content")


def clock(seconds: float) -> str:
    """As in “0:41” and “1:02:03”."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _walk(content: Content, kind: str) -> str:
    """Walk through the container. Returns a note, or raises ItemFailed."""
    if kind == "mp3":
        data = content.whole()
        return check_mp3(data) if data is not None else ""
    with content.open() as stream:
        if kind == "ogg":
            return check_ogg(stream, content.size)
        if kind in ("matroska", "asf"):
            check_end(stream, content.size, kind)
        elif kind == "wavpack":
            check_blocks(stream, content.size)
        elif kind in _CHUNKED:
            check_chunks(stream, content.size)
        elif kind == "mp4" and not check_boxes(stream, content.size) & _INDEXES:
            raise broken("The file is cut off or damaged: its index (moov) is missing")
    return ""


def _lossless(head: bytes) -> tuple[int, str]:
    """Return bits of a sample and the MD5 of all that a FLAC file declares; 0 and "" if none."""
    info = head[8:_LAST_INFO_BYTES]
    if head[:4] != b"fLaC" or len(info) < _LAST_INFO_BYTES - 8 or not any(info[18:34]):
        return 0, ""
    return ((info[12] & 1) << 4 | info[13] >> 4) + 1, info[18:34].hex()


def _not_decoded(found: Decoded) -> str:
    if found.decoded_to is not None:
        return f"only its first {clock(found.decoded_to)} were decoded, the rest was only read"
    if found.unknown:
        return f"a stream of it cannot be decoded here ({', '.join(sorted(set(found.unknown)))})"
    return ""
