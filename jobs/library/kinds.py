"""The kind of a file, told from its name alone: cheap, for the list, and never trusted."""

_SUFFIXES = {
    "image": "avif bmp gif heic heif ico jfif jpe jpeg jpg jp2 jxl png psd svg tif tiff webp "
    "arw cr2 cr3 dng nef orf raf rw2",
    "pdf": "pdf",
    "archive": "7z apk bz2 cab cbr cbz deb gz iso jar lz lz4 rar rpm tar tbz2 tgz txz whl xz z "
    "zip zst",
    "audio": "aac aif aiff flac m4a mid mp3 oga ogg opus wav wma",
    "video": "3gp avi flv m2ts m4v mkv mov mp4 mpeg mpg mts ogv ts webm wmv",
    "document": "doc docx epub fb2 mobi odp ods odt pages ppt pptx rtf xls xlsx",
    "text": "adoc bat c cc cfg conf cpp cs css csv diff go h hpp htm html ini java js json jsonl "
    "log lua md php pl po ps1 py r rb rs rst sh sql srt svelte tex toml tsv txt vtt vue xhtml "
    "xml yaml yml",
}
_KIND = {suffix: kind for kind, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}

OTHER = "other"
KINDS = (*_SUFFIXES, OTHER)


def kind_of(key: str) -> str:
    """One of KINDS for this library path; `other` when its name promises nothing."""
    name = key[key.rfind("/") + 1 :]
    stem, _, suffix = name.rpartition(".")
    # A dot at the start makes a file hidden, it begins no suffix.
    return _KIND.get(suffix.lower(), OTHER) if stem else OTHER
