"""Old Office documents and other OLE files, and password-protected new ones."""

import struct

import pytest

from jobs.operations import ItemFailed
from tests.operations.verify.data_samples import ole

TEXT = bytes(range(256)) * 40
SMALL = b"properties of the document" * 9


def document(stream: str = "WordDocument") -> bytes:
    return ole({stream: TEXT, "\x05SummaryInformation": SMALL, "1Table": TEXT[:5000]})


def protected(length: int = len(TEXT) - 30) -> bytes:
    package = struct.pack("<Q", length) + TEXT
    return ole({"EncryptionInfo": SMALL, "EncryptedPackage": package})


def failure(verify, name: str, content: bytes) -> str:
    with pytest.raises(ItemFailed) as caught:
        verify(name, content)
    assert caught.value.finding
    return caught.value.message


@pytest.mark.parametrize(
    ("name", "stream", "kind"),
    [
        ("letter.doc", "WordDocument", "doc"),
        ("table.xls", "Workbook", "xls"),
        ("talk.ppt", "PowerPoint Document", "ppt"),
        ("mail.msg", "__properties_version1.0", "msg"),
        ("Thumbs.db", "Catalog", "ole"),
    ],
)
@pytest.mark.usefixtures("either_way")
def test_whole_document_passes_with_its_kind(verify, name, stream, kind):
    result = verify(name, document(stream))
    assert (result.message, result.data["kind"]) == ("", kind)


@pytest.mark.parametrize("share", [0.95, 0.9, 0.5, 0.1, 0.01])
@pytest.mark.usefixtures("either_way")
def test_cut_document_fails(verify, share):
    content = document()
    assert "cut off" in failure(verify, "letter.doc", content[: int(len(content) * share)])


def test_document_without_the_end_of_its_last_sector_is_noted(verify):
    message = verify("letter.doc", ole({"WordDocument": TEXT})[:-100]).message
    assert message == (
        "Whole, but its last sector is not complete, as after a copy that lost its end"
    )


def test_sector_table_of_zeros_fails(verify):
    content = document()
    assert failure(verify, "letter.doc", content[:512] + bytes(512) + content[1024:])


def test_directory_of_zeros_fails(verify):
    content = document()
    at = content.index("Root Entry".encode("utf-16-le"))
    assert "damaged" in failure(
        verify, "letter.doc", content[:at] + bytes(512) + content[at + 512 :]
    )


def test_streams_that_share_a_sector_fail(verify):
    content = bytearray(document())
    at = content.index("1Table".encode("utf-16-le")) + 116
    content[at : at + 4] = struct.pack("<I", 1)
    assert "same sector" in failure(verify, "letter.doc", bytes(content))


def test_chain_without_an_end_fails_and_ends(verify):
    content = bytearray(document())
    content[512 + 8 : 512 + 12] = struct.pack("<I", 1)
    assert "damaged" in failure(verify, "letter.doc", bytes(content))


def test_protected_document_is_whole_and_says_that_it_was_not_read(verify):
    result = verify("letter.docx", protected())
    assert result.message == (
        "Whole, but it is protected by a password, so only its structure was checked"
    )
    assert result.data["kind"] == "docx"


def test_protected_document_with_less_content_than_it_says_fails(verify):
    assert "cut off" in failure(verify, "letter.docx", protected(length=20_000))
