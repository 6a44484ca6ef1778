"""Detects what a file is from its first bytes, and what its name promises."""

import re
from codecs import getincrementaldecoder

HEAD_BYTES = 8192
"""How many bytes at the start of a file are examined."""

LABELS = {
    "7z": "7-Zip archive", "aac": "AAC sound", "aiff": "AIFF sound", "ape": "Monkey's Audio sound",
    "arw": "Sony raw picture (ARW)", "cr2": "Canon raw picture (CR2)",
    "cr3": "Canon raw picture (CR3)", "dng": "DNG raw picture", "nef": "Nikon raw picture (NEF)",
    "orf": "Olympus raw picture (ORF)", "pef": "Pentax raw picture (PEF)",
    "raf": "Fujifilm raw picture (RAF)", "rw2": "Panasonic raw picture (RW2)",
    "ar": "ar archive", "asf": "Windows Media", "avi": "AVI video", "avif": "AVIF picture",
    "binary": "unknown data", "bmp": "BMP picture", "brotli": "Brotli file",
    "bzip2": "bzip2 file", "class": "Java class",
    "compress": ".Z file",
    "cur": "mouse cursor",
    "docx": "Word document", "elf": "ELF program", "epub": "EPUB book", "flac": "FLAC sound",
    "gif": "GIF picture", "gzip": "gzip file", "heic": "HEIC picture", "ico": "icon",
    "iso": "disk image (ISO 9660)", "cab": "Windows cabinet", "cpio": "cpio archive",
    "deb": "Debian package",
    "jar": "Java archive", "jp2": "JPEG 2000 picture", "jpeg": "JPEG picture", "json": "JSON",
    "jsonl": "JSON lines", "jxl": "JPEG XL picture", "lz4": "LZ4 file", "lzip": "lzip file",
    "lzma": "LZMA file", "matroska": "Matroska video",
    "mp3": "MP3 sound", "mp4": "MP4 media", "mpegps": "MPEG film",
    "mpegts": "MPEG transport stream", "odp": "OpenDocument presentation",
    "ods": "OpenDocument spreadsheet", "odt": "OpenDocument text", "ogg": "Ogg media",
    "ole": "OLE file", "otf": "OpenType font", "pdf": "PDF", "png": "PNG picture",
    "postscript": "PostScript", "pptx": "PowerPoint presentation", "psd": "Photoshop picture",
    "rar": "RAR archive", "rpm": "RPM package", "sqlite": "SQLite database", "svg": "SVG picture",
    "tar": "TAR archive", "text": "text", "tiff": "TIFF picture", "tta": "True Audio sound",
    "ttf": "TrueType font", "w64": "Wave64 sound", "wasm": "WebAssembly", "wav": "WAV sound",
    "wavpack": "WavPack sound", "webp": "WebP picture", "whl": "Python wheel", "woff": "WOFF font",
    "woff2": "WOFF2 font", "xlsx": "Excel workbook", "xml": "XML", "xz": "xz file",
    "zip": "ZIP archive", "zstd": "Zstandard file",
    "doc": "old Word document", "ppt": "old PowerPoint presentation", "xls": "old Excel workbook",
    "msg": "Outlook message", "msi": "Windows installer", "ttc": "collection of fonts",
    "npy": "NumPy array", "parquet": "Parquet table", "hdf5": "HDF5 file", "fits": "FITS picture",
}  # fmt: skip

_NOUNS = frozenset({
    "archive", "book", "database", "document", "file", "film", "font", "media", "package",
    "picture", "program", "sound", "video", "workbook",
})  # fmt: skip
"""Words at the end of a label that a list of kinds does not need."""

MAGIC: dict[str, tuple[bytes, ...]] = {
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpeg": (b"\xff\xd8\xff",),
    "zip": (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"PK00PK"),
    "gzip": (b"\x1f\x8b",),
    "gif": (b"GIF87a", b"GIF89a"),
    "pdf": (b"%PDF-",),
    "bzip2": (b"BZh",),
    "compress": (b"\x1f\x9d",),
    "xz": (b"\xfd7zXZ\x00",),
    "zstd": (b"\x28\xb5\x2f\xfd",),
    "lzip": (b"LZIP\0", b"LZIP\x01"),
    "lz4": (b"\x04\x22\x4d\x18", b"\x02\x21\x4c\x18"),
    "cr2": (b"II*\x00\x10\0\0\0CR",),
    "raf": (b"FUJIFILMCCD-RAW",),
    "rw2": (b"IIU\0",),
    "orf": (b"IIRO", b"IIRS", b"MMOR"),
    "tiff": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    "elf": (b"\x7fELF",),
    "woff": (b"wOFF",),
    "woff2": (b"wOF2",),
    "7z": (b"7z\xbc\xaf\x27\x1c",),
    "rar": (b"Rar!\x1a\x07",),
    "psd": (b"8BPS",),
    "flac": (b"fLaC",),
    "ogg": (b"OggS",),
    "matroska": (b"\x1aE\xdf\xa3",),
    "sqlite": (b"SQLite format 3\x00",),
    "jp2": (b"\x00\x00\x00\x0cjP  \r\n", b"\xff\x4f\xff\x51"),
    "jxl": (b"\x00\x00\x00\x0cJXL \r\n",),
    "ole": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
    "rpm": (b"\xed\xab\xee\xdb",),
    "ar": (b"!<arch>\n",),
    "cab": (b"MSCF\0\0\0\0",),
    "postscript": (b"%!PS",),
    "otf": (b"OTTO",),
    "ttc": (b"ttcf\x00",),
    "npy": (b"\x93NUMPY",),
    "parquet": (b"PAR1", b"PARE"),
    "fits": (b"SIMPLE  =",),
    "wasm": (b"\x00asm",),
    "asf": (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c",),
    "w64": (b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00",),
    "wavpack": (b"wvpk",),
    "tta": (b"TTA1",),
    "ape": (b"MAC ",),
    "mpegps": (b"\x00\x00\x01\xba",),
}
"""How the content of a kind starts."""

_RAWS_LIKE_TIFF = frozenset({"arw", "dng", "nef", "pef"})
"""Raw files of cameras that start like every TIFF file. Their names tell which they are."""

ZIP_BASED = frozenset({"zip", "docx", "epub", "jar", "odp", "ods", "odt", "pptx", "whl", "xlsx"})

# What a name promises. Lists only kinds that the content identifies with certainty.
_PROMISES: dict[str, frozenset[str]] = {
    **{name: frozenset({"jpeg"}) for name in ("jpg", "jpeg", "jpe", "jfif")},
    **{name: frozenset({"tiff"}) for name in ("tif", "tiff")},
    **{name: frozenset({"heic"}) for name in ("heic", "heif", "hif")},
    **{name: frozenset({"gzip"}) for name in ("gz", "tgz", "svgz")},
    **{name: frozenset({"bzip2"}) for name in ("bz2", "tbz2", "tbz")},
    **{name: frozenset({"xz"}) for name in ("xz", "txz")},
    **{name: frozenset({"zstd"}) for name in ("zst", "tzst")},
    **{name: frozenset({"lzip", "lzma"}) for name in ("lz", "lzma", "tlz")},
    **{name: frozenset({"mp4"}) for name in ("mp4", "m4a", "m4v", "m4b", "3gp", "3g2")},
    **{name: frozenset({"matroska"}) for name in ("mkv", "mka", "webm")},
    **{name: frozenset({"ogg"}) for name in ("ogg", "oga", "ogv", "opus", "spx")},
    **{name: frozenset({"asf"}) for name in ("wma", "wmv", "asf")},
    **{name: frozenset({"aiff"}) for name in ("aif", "aiff", "aifc")},
    **{name: frozenset({"jp2"}) for name in ("jp2", "j2k", "jpf", "jpx")},
    **{name: frozenset({"psd"}) for name in ("psd", "psb")},
    **{name: frozenset({"ttf", "otf", "ttc"}) for name in ("ttf", "otf", "ttc", "otc")},
    "npz": frozenset({"zip"}),
    "avifs": frozenset({"avif"}),
    "wv": frozenset({"wavpack"}),
    **{
        name: frozenset({name})
        for name in (
            "png", "gif", "webp", "avif", "bmp", "wav", "pdf", "tar", "7z", "rar", "woff", "woff2",
            "docx", "xlsx", "pptx", "odt", "ods", "odp", "epub", "whl", "json", "ico",
            "svg", "flac", "avi", "w64", "tta", "arw", "cr2", "cr3", "dng", "nef", "orf", "pef",
            "raf", "rw2", "cur", "jxl", "lz4", "cab", "rpm", "npy", "parquet",
        )
    },
    "deb": frozenset({"ar", "deb"}),
    "xml": frozenset({"xml", "svg"}),
    "zip": ZIP_BASED,
    # Comics: readers go by the content, and many are named for another archive than they are.
    **dict.fromkeys(("cbz", "cbr", "cb7", "cbt"), frozenset({"zip", "rar", "7z", "tar"})),
    "jar": frozenset({"jar", "zip"}),
}  # fmt: skip

# What a name says that is also given to other content, text or encrypted files.
_USUAL: dict[str, str] = {
    **dict.fromkeys(("sqlite", "sqlite3", "db3", "lrcat"), "sqlite"),
    **dict.fromkeys(("doc", "dot"), "doc"),
    **dict.fromkeys(("xls", "xlt"), "xls"),
    **dict.fromkeys(("ppt", "pps", "pot"), "ppt"),
    **dict.fromkeys(("h5", "hdf5", "he5"), "hdf5"),
    **dict.fromkeys(("fits", "fts"), "fits"),
    "msg": "msg",
    "msi": "msi",
}

TEXT_NAMES = frozenset({
    "adoc", "bat", "c", "cc", "cfg", "conf", "cpp", "cs", "css", "csv", "diff", "go", "h", "hpp",
    "htm", "html", "ini", "java", "js", "json", "jsonl", "log", "lua", "md", "php", "pl", "po",
    "ps1", "py", "r", "rb", "rs", "rst", "sh", "sql", "srt", "svelte", "tex", "toml", "tsv", "txt",
    "vtt", "vue", "xhtml", "xml", "yaml", "yml",
})  # fmt: skip
"""Suffixes of files that people read as text."""

_NUMBERED = re.compile(r"\d{5}\.\w+$")
"""Files of a set may begin anywhere."""

_JSON_NAMES = frozenset({"json", "geojson", "ipynb", "jsonld", "webmanifest"})
_JSON_LINES_NAMES = frozenset({"jsonl", "ndjson"})
_XML_NAMES = frozenset({
    "xml", "svg", "xsd", "xsl", "xslt", "rss", "atom", "kml", "gpx", "plist", "opf", "ncx", "rdf",
})  # fmt: skip
_BMP_HEADERS = tuple(size.to_bytes(4, "little") for size in (12, 16, 40, 52, 56, 64, 108, 124))
_HDF5 = b"\x89HDF\r\n\x1a\n"
SKIPPABLE = tuple(bytes([0x50 + low]) + b"\x2a\x4d\x18" for low in range(16))
"""Starts of the frames of Zstandard that hold no data. `pzstd` writes one first."""

_CPIO = re.compile(rb"07070[12][0-9A-Fa-f]{104}|070707[0-7]{70}|\xc7\x71.{24}", re.DOTALL)
"""The header of a first member. Dated lines of text start like its first digits."""

_BROTLI_NAMES = frozenset({"br", "tbr"})
"""Brotli files have no mark at all."""

_CONTROL = bytes(set(range(32)) - {7, 8, 9, 10, 11, 12, 13, 26, 27})


_NEVER_EMPTY = frozenset({
    "3fr", "aac", "ape", "br", "cb7", "cbr", "class", "crw", "deb", "dmg", "doc", "dot", "eps",
    "fit", "fits", "flv", "h5", "hdf5", "iso", "lz", "lz4", "lzma", "m2ts", "mobi", "mov", "mp2",
    "mp3", "mpeg", "mpg", "msi", "mts", "npy", "npz", "odg", "otf", "parquet", "pps", "ppt", "ps",
    "qt", "rpm", "sr2", "srw", "ttc", "ttf", "vob", "wasm", "x3f", "xls", "z",
})  # fmt: skip
"""More names of kinds that no empty file is. An empty SQLite file is a database without tables."""


def extension(name: str) -> str:
    """Return the last suffix of a file name in lower case without the dot; "" if none."""
    stem, dot, suffix = name.rpartition(".")
    return suffix.lower() if dot and stem else ""


def short_label(kind: str) -> str:
    """Return the name of a kind for a list, as in “RAR”, “Photoshop”; unknown kinds as they are."""
    label = LABELS.get(kind, kind)
    if label.endswith(")"):
        return label[label.rindex("(") + 1 : -1]
    name, _, noun = label.rpartition(" ")
    return name if name and noun in _NOUNS else label


def parses_by_name(name: str) -> bool:
    """Return True if a file of this name must parse as XML.

    Templates and web pages also start like XML, and are not broken if they do not parse.
    """
    return extension(name) in _XML_NAMES


def promised(name: str) -> frozenset[str]:
    """Return the kinds that a file of this name may be; empty if the name promises nothing."""
    return _PROMISES.get(extension(name), frozenset())


def must_have_content(name: str) -> bool:
    """Return True if an empty file of this name cannot be whole."""
    suffix = extension(name)
    named = suffix in _NEVER_EMPTY or suffix in _JSON_NAMES or suffix in _XML_NAMES
    return named or bool(promised(name))


def usual(name: str) -> str:
    """Return the kind that a file of this name has, unless it has one without a mark; or ""."""
    if extension(name) in TEXT_NAMES | _JSON_NAMES | _JSON_LINES_NAMES | _XML_NAMES:
        return "text"
    return "" if _NUMBERED.search(name) else _USUAL.get(extension(name), "")


def detect(head: bytes, name: str) -> str:
    """Return the kind of a file from its first HEAD_BYTES.

    JSON and XML have no magic number, so the name decides which text is parsed as such.
    """
    if b"%PDF-" in head[:1024] and extension(name) == "pdf":
        return "pdf"  # readers accept other bytes before the mark
    for kind, magic in MAGIC.items():
        if head.startswith(magic):
            suffix = extension(name)
            return suffix if kind == "tiff" and suffix in _RAWS_LIKE_TIFF else kind
    if kind := _packed(head, extension(name)):
        return kind
    if head.startswith(b"\xff\x0a") and extension(name) == "jxl":
        return "jxl"
    if kind := _by_two_marks(head) or _sound_or_film(head, extension(name)):
        return kind
    if is_tar(head) or (extension(name) == "tar" and len(head) >= 1024 and not any(head)):
        return "tar"  # all zeros: an empty archive
    return _textual(head, name)


def _packed(head: bytes, suffix: str) -> str:
    """Return the kind of a packed file whose start does not tell it; "" for others."""
    if head.startswith(SKIPPABLE):
        return {"zst": "zstd", "tzst": "zstd", "lz4": "lz4"}.get(suffix, "")
    if _CPIO.match(head):
        return "cpio"
    if suffix in ("lzma", "tlz") and _is_lzma(head):
        return "lzma"
    if suffix in _BROTLI_NAMES and not is_text(head) and any(head):
        return "brotli"
    return ""


def _by_two_marks(head: bytes) -> str:
    """Return a kind whose mark is not at the start or is too common alone; "" for others."""
    if head[:4] in (b"RIFF", b"RIFX", b"RF64"):
        return {b"WEBP": "webp", b"WAVE": "wav", b"AVI ": "avi"}.get(head[8:12], "")
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "aiff"
    if head[4:8] == b"ftyp":
        return _media_brand(head)
    if _is_icon(head):
        return "ico" if head[2] == 1 else "cur"
    if head[:2] == b"BM" and head[14:18] in _BMP_HEADERS and len(head) > 26:
        return "bmp"  # the bytes before are not used, and hold what a program left there
    if hdf5_start(head) is not None:
        return "hdf5"
    if head[:4] in (b"\0\1\0\0", b"true") and head[4:5] == b"\0" and _is_table_name(head[12:16]):
        return "ttf"
    if head[:4] == b"\xca\xfe\xba\xbe" and head[6:8] >= b"\x00\x2d":
        return "class"
    return ""


def _is_table_name(name: bytes) -> bool:
    """Return True for what may be the name of the first table of a font."""
    return len(name) == 4 and all(32 <= byte < 127 for byte in name) and name[0] > 32


def hdf5_start(head: bytes) -> int | None:
    """Return where the mark of HDF5 is; None if it is missing. Other data may precede it."""
    places = (0, 512, 1024, 2048, 4096)
    return next((place for place in places if head.startswith(_HDF5, place)), None)


def _sound_or_film(head: bytes, suffix: str) -> str:
    """Return the kind of what has no mark at its start but marks at regular distances."""
    if head[:1] == b"G" and all(head[at : at + 1] == b"G" for at in range(0, 188 * 5, 188)):
        return "mpegts"
    if head[:3] == b"ID3" and head[3:4] in (b"\2", b"\3", b"\4"):  # else text
        return {"aac": "aac", "tta": "tta", "ape": "ape", "flac": "flac"}.get(suffix, "mp3")
    if suffix == "aac" and head[:1] == b"\xff" and head[1:2] and head[1] & 0xF6 == 0xF0:
        return "aac"
    if suffix == "mp3" and head[:1] == b"\xff" and head[1:2] and head[1] & 0xE6 == 0xE2:
        return "mp3"
    return ""


def is_tar(block: bytes) -> bool:
    """Return True if the block starts with a tar header, with or without magic."""
    if block[257:262] == b"ustar":
        return True
    recorded = block[148:156].strip(b" \x00")
    if len(block) < 512 or not block[0] or not recorded.isdigit():
        return False
    counted = sum(block[:148]) + 8 * 32 + sum(block[156:512])
    return recorded == b"%o" % counted or recorded.lstrip(b"0") == b"%o" % counted


def _is_lzma(head: bytes) -> bool:
    """Return True for the header of the old `lzma` program: settings, dictionary and size."""
    if len(head) < 13 or head[0] >= 225:
        return False
    dictionary, size = (int.from_bytes(head[at:end], "little") for at, end in ((1, 5), (5, 13)))
    return dictionary >= 4096 and (size < 1 << 48 or size == (1 << 64) - 1)


def _is_icon(head: bytes) -> bool:
    """Return True for an icon or cursor. The mark is four common bytes: the first entry counts."""
    count = int.from_bytes(head[4:6], "little")
    first = int.from_bytes(head[18:22], "little")
    return head[:4] in (b"\0\0\1\0", b"\0\0\2\0") and 0 < count < 256 and first >= 6 + 16 * count


def _media_brand(head: bytes) -> str:
    if head[8:12] == b"crx ":
        return "cr3"
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
    return "text" if is_text(head) else "binary"


def is_text(head: bytes) -> bool:
    """Return True for bytes without control characters, and for UTF-16 with its mark."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            getincrementaldecoder("utf-16")().decode(head)
        except UnicodeDecodeError:
            return False
        return True
    return head.translate(None, _CONTROL) == head
