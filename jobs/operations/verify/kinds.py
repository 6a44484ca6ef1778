"""Tells what a file is from its first bytes, and what its name promises."""

from codecs import getincrementaldecoder

HEAD_BYTES = 8192
"""How much of a file's beginning is looked at."""

LABELS = {
    "7z": "7-Zip archive", "ar": "ar archive", "avi": "AVI video", "avif": "AVIF picture",
    "binary": "unknown data", "bmp": "BMP picture", "bzip2": "bzip2 file",
    "class": "Java class", "docx": "Word document", "elf": "ELF program", "epub": "EPUB book",
    "flac": "FLAC sound", "gif": "GIF picture", "gzip": "gzip file", "heic": "HEIC picture",
    "ico": "icon", "jar": "Java archive", "jp2": "JPEG 2000 picture", "jpeg": "JPEG picture",
    "json": "JSON", "jsonl": "JSON lines", "jxl": "JPEG XL picture", "matroska": "Matroska video",
    "mp4": "MP4 media", "odp": "OpenDocument presentation", "ods": "OpenDocument spreadsheet",
    "odt": "OpenDocument text", "ogg": "Ogg media", "ole": "old Office document",
    "otf": "OpenType font", "pdf": "PDF", "png": "PNG picture", "postscript": "PostScript",
    "pptx": "PowerPoint presentation", "psd": "Photoshop picture", "rar": "RAR archive",
    "rpm": "RPM package", "sqlite": "SQLite database", "svg": "SVG picture", "tar": "TAR archive",
    "text": "text", "tiff": "TIFF picture", "ttf": "TrueType font", "wasm": "WebAssembly",
    "wav": "WAV sound", "webp": "WebP picture", "whl": "Python wheel", "woff": "WOFF font",
    "woff2": "WOFF2 font", "xlsx": "Excel workbook", "xml": "XML", "xz": "xz file",
    "zip": "ZIP archive", "zstd": "Zstandard file",
}  # fmt: skip

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"%PDF-", "pdf"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
    (b"\x7fELF", "elf"),
    (b"wOFF", "woff"),
    (b"wOF2", "woff2"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"8BPS", "psd"),
    (b"fLaC", "flac"),
    (b"OggS", "ogg"),
    (b"\x1aE\xdf\xa3", "matroska"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"\x00\x00\x00\x0cjP  \r\n", "jp2"),
    (b"\x00\x00\x00\x0cJXL \r\n", "jxl"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"\xed\xab\xee\xdb", "rpm"),
    (b"!<arch>\n", "ar"),
    (b"%!PS", "postscript"),
    (b"OTTO", "otf"),
    (b"\x00\x01\x00\x00\x00", "ttf"),
    (b"\x00asm", "wasm"),
)

_BY_FIRST_BYTE = {
    first: [pair for pair in _MAGIC if pair[0].startswith(first)]
    for first in {magic[:1] for magic, _ in _MAGIC}
}

ZIP_BASED = frozenset({"zip", "docx", "epub", "jar", "odp", "ods", "odt", "pptx", "whl", "xlsx"})

# What a name promises. Only kinds that are certain from their content stand here.
_PROMISES: dict[str, frozenset[str]] = {
    **{name: frozenset({"jpeg"}) for name in ("jpg", "jpeg", "jpe", "jfif")},
    **{name: frozenset({"tiff"}) for name in ("tif", "tiff")},
    **{name: frozenset({"heic"}) for name in ("heic", "heif")},
    **{name: frozenset({"gzip"}) for name in ("gz", "tgz", "svgz")},
    **{name: frozenset({"bzip2"}) for name in ("bz2", "tbz2", "tbz")},
    **{name: frozenset({"xz"}) for name in ("xz", "txz")},
    **{name: frozenset({"zstd"}) for name in ("zst", "tzst")},
    **{
        name: frozenset({name})
        for name in (
            "png", "gif", "webp", "avif", "bmp", "wav", "pdf", "tar", "7z", "rar", "woff", "woff2",
            "docx", "xlsx", "pptx", "odt", "ods", "odp", "epub", "whl", "json",
        )
    },
    "ico": frozenset({"ico"}),
    "svg": frozenset({"svg"}),
    "xml": frozenset({"xml", "svg"}),
    "zip": ZIP_BASED,
    "cbz": frozenset({"zip"}),
    "jar": frozenset({"jar", "zip"}),
}  # fmt: skip

_JSON_NAMES = frozenset({"json", "geojson", "ipynb", "jsonld", "webmanifest"})
_JSON_LINES_NAMES = frozenset({"jsonl", "ndjson"})
_XML_NAMES = frozenset({
    "xml", "svg", "xsd", "xsl", "xslt", "rss", "atom", "kml", "gpx", "plist", "opf", "ncx", "rdf",
})  # fmt: skip
_CONTROL = bytes(set(range(32)) - {7, 8, 9, 10, 11, 12, 13, 26, 27})


def extension(name: str) -> str:
    """The last suffix of a file name, lower case, without the dot; "" if it has none."""
    stem, dot, suffix = name.rpartition(".")
    return suffix.lower() if dot and stem else ""


def parses_by_name(name: str) -> bool:
    """Whether the name says that its text must parse as XML.

    Templates and web pages begin like XML too, and are not broken when they do not parse.
    """
    return extension(name) in _XML_NAMES


def promised(name: str) -> frozenset[str]:
    """The kinds that a file of this name may be; empty when the name promises nothing."""
    return _PROMISES.get(extension(name), frozenset())


def detect(head: bytes, name: str) -> str:
    """The kind of a file from its first HEAD_BYTES.

    JSON and XML have no magic number: among text, the name tells which of it to read so.
    """
    if b"%PDF-" in head[:1024] and extension(name) == "pdf":
        return "pdf"  # readers allow something before it
    for magic, kind in _BY_FIRST_BYTE.get(head[:1], ()):
        if head.startswith(magic):
            return kind
    if kind := _by_two_marks(head):
        return kind
    if is_tar(head) or (extension(name) == "tar" and len(head) >= 1024 and not any(head)):
        return "tar"  # all zeros: an empty archive
    return _textual(head, name)


def _by_two_marks(head: bytes) -> str:
    """Kinds whose first mark is too common, or not at the beginning; "" for others."""
    if head[:4] in (b"RIFF", b"RIFX", b"RF64"):
        return {b"WEBP": "webp", b"WAVE": "wav", b"AVI ": "avi"}.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return _media_brand(head)
    if _is_icon(head):
        return "ico"
    if head[:2] == b"BM" and head[6:10] == bytes(4) and len(head) > 26:
        return "bmp"
    if head[:4] == b"\xca\xfe\xba\xbe" and head[6:8] >= b"\x00\x2d":
        return "class"
    return ""


def is_tar(block: bytes) -> bool:
    """Whether this begins with the header of a tar member, an old one without magic included."""
    if block[257:262] == b"ustar":
        return True
    recorded = block[148:156].strip(b" \x00")
    if len(block) < 512 or not block[0] or not recorded.isdigit():
        return False
    counted = sum(block[:148]) + 8 * 32 + sum(block[156:512])
    return recorded == b"%o" % counted or recorded.lstrip(b"0") == b"%o" % counted


def _is_icon(head: bytes) -> bool:
    """An icon's mark is four common bytes, so its first entry is looked at as well."""
    count = int.from_bytes(head[4:6], "little")
    first = int.from_bytes(head[18:22], "little")
    return head[:4] == b"\x00\x00\x01\x00" and 0 < count < 256 and first >= 6 + 16 * count


def _media_brand(head: bytes) -> str:
    brands = head[8:12] + head[16 : min(int.from_bytes(head[:4], "big"), 128)]
    if head[8:12] in (b"avif", b"avis"):
        return "avif"
    if head[8:12] in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"):
        return "avif" if b"avif" in brands else "heic"
    return "mp4"


def _textual(head: bytes, name: str) -> str:
    suffix = extension(name)
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")
    if start and suffix in _JSON_NAMES:
        return "json"
    if start and suffix in _JSON_LINES_NAMES:
        return "jsonl"
    if start.startswith(b"<" if suffix in _XML_NAMES else b"<?xml"):
        return "xml"
    return "text" if _is_text(head) else "binary"


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            getincrementaldecoder("utf-16")().decode(head)
        except UnicodeDecodeError:
            return False
        return True
    return head.translate(None, _CONTROL) == head
