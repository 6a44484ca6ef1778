"""The kind of a file by its name alone: cheap, for the list of files, and never trusted."""

from collections.abc import Collection

from jobs.operations.verify.kinds import TEXT_NAMES, extension

_SUFFIXES = {
    "image": "avif bmp gif heic heif ico jfif jpe jpeg jpg jp2 jxl png psd svg tif tiff webp "
    "arw cr2 cr3 dng nef orf raf rw2",
    "pdf": "pdf",
    "archive": "7z apk br bz2 cab cb7 cbr cbt cbz cpio deb gz iso jar lz lz4 lzma rar rpm tar tbz "
    "tbz2 tgz tlz txz tzst whl xz z zip zst",
    "audio": "aac aif aiff flac m4a mid mp3 oga ogg opus wav wma",
    "video": "3gp avi flv m2ts m4v mkv mov mp4 mpeg mpg mts ogv ts webm wmv",
    "document": "doc docx epub fb2 mobi odp ods odt pages ppt pptx rtf xls xlsx",
    "text": " ".join(sorted(TEXT_NAMES)),
}
_KIND = {suffix: kind for kind, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}

OTHER = "other"
KINDS = (*_SUFFIXES, OTHER)

NOUNS = {
    "image": "pictures",
    "pdf": "PDFs",
    "archive": "archives",
    "audio": "sounds",
    "video": "films",
    "document": "documents",
    "text": "text files",
    OTHER: "files of other kinds",
}
"""What files of a kind are called in a sentence."""


def kind_of(key: str) -> str:
    """One of KINDS for this library path; `other` if its suffix is unknown."""
    return _KIND.get(extension(key[key.rfind("/") + 1 :]), OTHER)


def name_kinds(kinds: Collection[str]) -> str:
    """The plural of these kinds for a sentence, such as "pictures, films and text files"."""
    *first, last = [NOUNS[kind] for kind in KINDS if kind in kinds]
    return f"{', '.join(first)} and {last}" if first else last
