"""What goes wrong with files: cut off, flipped, empty, protected, under a wrong name."""

from tests.support.sample.documents import prose
from tests.support.sample.pdfs import make_pdf
from tests.support.sample.zips import make_protected_zip

_CUT = {
    "half a photo.jpg": "Pictures/Holiday/Lake 00.jpg",
    "half a drawing.png": "Pictures/Drawings/Lake 40.png",
    "half an animation.gif": "Pictures/Web/Harbour 62.gif",
    "half a picture.webp": "Pictures/Web/Meadow 52.webp",
    "half a report.pdf": "Documents/Report 2005.pdf",
    "half a letter.docx": "Documents/Letter 1.docx",
    "half a backup.tar.gz": "Archives/backup-1.tar.gz",
    "half a backup.tar": "Archives/old-1.tar",
    "half a table.json": "Data/records-03.json",
    "half a feed.xml": "Data/feed-03.xml",
    "half a tone.wav": "Sounds/tone-1.wav",
}
_FLIPPED = {
    "one wrong bit.png": "Pictures/Drawings/Hills 41.png",
    "one wrong bit.zip": "Archives/backup-2.zip",
    "one wrong bit.tar.xz": "Archives/old-2.tar.xz",
    "one wrong bit.epub": "Books/Book 2.epub",
    "one wrong bit.pdf": "Documents/Report 2007.pdf",
}
_RENAMED = {
    "really a PNG.jpg": "Pictures/Drawings/Coast 42.png",
    "really a ZIP.docx": "Archives/backup-3.zip",
    "really text.png": "Documents/Text/note-03.txt",
}


def broken_files(whole: dict[str, bytes]) -> dict[str, bytes]:
    """Files in the folder `Broken`, made from whole ones of the sample."""
    files = {name: _cut(whole[source]) for name, source in _CUT.items()}
    files |= {name: _flip(whole[source]) for name, source in _FLIPPED.items()}
    files |= {name: whole[source] for name, source in _RENAMED.items()}
    files["empty.pdf"] = b""
    files["empty.jpg"] = b""
    files["only zeros.jpg"] = bytes(4096)
    files["password is secret.zip"] = make_protected_zip(
        "diary.txt", prose(7, 20).encode(), "secret"
    )
    files["password is secret.pdf"] = make_pdf([prose(8, 20)], "secret")
    return {f"Broken/{name}": content for name, content in files.items()}


def _cut(content: bytes) -> bytes:
    # A little less than half: a TAR archive ends with padding, and a cut between two members of it
    # shows less.
    return content[: len(content) * 2 // 5 + 100]


def _flip(content: bytes) -> bytes:
    """One bit in the middle of the content is another."""
    place = len(content) // 2
    return content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :]
