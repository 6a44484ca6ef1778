"""PDF, JSON and XML, and files whose header declares their length."""

import base64
import io
import json
import zlib
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageDraw, TiffImagePlugin

from jobs.operations import ItemFailed
from jobs.operations.verify import limits, pdf_parts, structured
from tests.operations.verify.data_samples import woff2
from tests.operations.verify.samples import flip, samples
from tests.operations.verify.test_stills import whole as stills
from tests.support.sample.pdfs import make_pdf


def fails(verify, name: str, content: bytes) -> str:
    with pytest.raises(ItemFailed) as caught:
        verify(name, content)
    assert caught.value.finding
    return caught.value.message


def _lzw() -> bytes:
    """“Test of LZW” in codes of nine bits: clear, each byte as it is, end."""
    codes = [256, *b"Test of LZW ".upper() * 8, 257]
    bits = "".join(f"{code:09b}" for code in codes[:200])
    return int(bits.ljust(-len(bits) % 8 + len(bits), "0"), 2).to_bytes((len(bits) + 7) // 8, "big")


def group_4() -> bytes:
    """Rows of a picture of 300 x 200 pixels."""
    picture = Image.new("1", (300, 200), 1)
    for row in range(0, 200, 8):
        ImageDraw.Draw(picture).line((row, row, 300 - row, row // 2), fill=0, width=3)
    stream = io.BytesIO()
    picture.save(stream, "TIFF", compression="group4", tiffinfo={278: 200})
    saved = TiffImagePlugin.TiffImageFile(io.BytesIO(stream.getvalue()))
    (start,), (length,) = saved.tag_v2[273], saved.tag_v2[279]
    return stream.getvalue()[start : start + length]


PACKED = zlib.compress(bytes(range(256)) * 4)
PARTS = {
    "A85Fl": (base64.a85encode(PACKED) + b"~>", "[/ASCII85Decode /FlateDecode]"),
    "AHxFl": (PACKED.hex().encode() + b">", "[/ASCIIHexDecode /FlateDecode]"),
    "LZW": (_lzw(), "/LZWDecode"),
    "RL": (b"\x03text\xfda\x02end" * 30 + b"\x80", "/RunLengthDecode"),
    "DCT": (samples()["photo.jpg"], "/DCTDecode"),
    "JPX": (stills()["boxes.jp2"], "/JPXDecode"),
    "CCF": (group_4(), "/CCITTFaxDecode"),
    "JBIG2": (bytes(range(90)), "/JBIG2Decode"),
    "Odd": (bytes(range(90)), "/OddDecode"),
}


def document_with_part(filters: list[str], group: int = -1) -> bytes:
    """Return a PDF of one page, and beside it one part that is packed so and one that is whole."""
    packed, name = PARTS["".join(filters)]
    document = pikepdf.open(io.BytesIO(samples()["report.pdf"]))
    part = pikepdf.Stream(document, b"", Width=300, Height=200)
    settings = pikepdf.Dictionary(K=group, Columns=300) if filters == ["CCF"] else None
    named: Any = pikepdf.Object.parse(name.encode())
    part.write(packed, filter=named, decode_parms=settings)
    document.Root["/Part"] = document.make_indirect(part)
    stream = io.BytesIO()
    document.save(
        stream, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none
    )
    return stream.getvalue()


class TestPdf:
    def test_password_is_reported(self, verify):
        content = make_pdf(["secret page"], "pass")
        assert fails(verify, "x.pdf", content) == (
            "Protected by a password: the pages of this PDF cannot be checked"
        )

    def test_protected_sample_needs_a_password(self):
        import pypdfium2

        document = pypdfium2.PdfDocument(make_pdf(["secret page"], "pass"), password="pass")
        assert "secret page" in document[0].get_textpage().get_text_range()
        document.close()

    def test_missing_end_mark_is_reported(self, verify):
        content = samples()["report.pdf"]
        assert fails(verify, "x.pdf", content[:-7]) == (
            "The PDF is cut off: its end mark is missing"
        )

    def test_misplaced_table_of_contents_is_reported(self, verify):
        content = samples()["report.pdf"].replace(b"%\xe2\xe3", b"% and some more\n%\xe2\xe3")
        assert fails(verify, "x.pdf", content) == (
            "The PDF is damaged or cut off: its table of contents is not where it should be"
        )

    def test_offsets_may_count_from_the_mark_at_the_beginning(self, verify):
        result = verify("x.pdf", b"HTTP/1.0 200 OK\r\n\r\n" + samples()["report.pdf"])
        assert (result.data["kind"], result.data["pages"], result.message) == ("pdf", 3, "")

    def test_one_wrong_bit_in_a_packed_part_is_found(self, verify):
        content = samples()["report.pdf"]
        place = content.index(b">>\nstream\n") + 40
        message = fails(verify, "x.pdf", flip(content, place, 4))
        assert message.startswith("The PDF is damaged: ")

    def test_wrong_checksum_alone_is_found(self, verify):
        content = samples()["report.pdf"]
        place = content.index(b"\nendstream") - 1
        assert fails(verify, "x.pdf", flip(content, place)) == (
            "The PDF is damaged: 1 of its 3 packed parts is not valid"
        )

    def test_document_with_only_wrong_checksums_passes(self, verify):
        content = samples()["report.pdf"]
        place = 0
        while (place := content.find(b"\nendstream", place + 1)) > 0:
            content = flip(content, place - 1)
        assert verify("x.pdf", content).data["pages"] == 3

    def test_missing_checksum_of_a_part_is_not_damage(self):
        packed = zlib.compress(b"drawing" * 50)
        meter = limits.Meter(limits.Limits(), len(packed))
        assert pdf_parts.inflate(packed[:-4], meter, limits.Limits()) == b"drawing" * 50

    @pytest.mark.parametrize("word", ["stream", "/Encrypt", "endstream", "endobj"])
    def test_words_of_the_format_in_the_text_hide_no_damage(self, verify, word):
        document = pikepdf.new()
        page = document.add_blank_page()
        for text in ("first", "second"):
            page.contents_add(f"% {word}\n({text}) Tj\n".encode() * 20)
        page["/Note"] = pikepdf.String(f"{word}\nand more")
        stream = io.BytesIO()
        document.save(stream, compress_streams=True)
        content = stream.getvalue()
        assert verify("x.pdf", content).message == ""
        place = content.index(b"\nx\x9c") + 20
        assert fails(verify, "x.pdf", flip(content, place)).startswith("The PDF is damaged: ")

    @pytest.mark.parametrize(
        "filters", [["A85", "Fl"], ["AHx", "Fl"], ["LZW"], ["DCT"], ["JPX"], ["CCF"]]
    )
    def test_damage_behind_every_filter_is_found(self, verify, filters):
        content = document_with_part(filters)
        assert verify("x.pdf", content).message == ""
        packed, _ = PARTS["".join(filters)]
        place = content.index(packed) + len(packed) // 2
        broken = content[:place] + b"~>" + content[place + 2 :]
        if filters == ["JPX"]:
            broken = content.replace(packed[80:180], bytes(100))
        elif filters == ["CCF"]:
            broken = content.replace(packed[60:90], bytes(30))
        elif filters == ["DCT"]:
            rest = len(packed) - len(packed) // 2
            broken = content[:place] + bytes(rest) + content[place + rest :]
        assert "packed parts is not valid" in fails(verify, "x.pdf", broken)

    def test_part_that_ends_with_a_flush_is_whole(self):
        packer = zlib.compressobj()
        packed = packer.compress(b"Td (Bar) Tj" * 40) + packer.flush(zlib.Z_SYNC_FLUSH)
        meter = limits.Meter(limits.Limits(), len(packed))
        assert pdf_parts.inflate(packed, meter, limits.Limits()) == b"Td (Bar) Tj" * 40
        with pytest.raises(pdf_parts._Damaged):
            pdf_parts.inflate(packed[:-1], meter, limits.Limits())

    @pytest.mark.parametrize(
        ("found", "put"),
        [(b"/Subtype /Type1", b"/Subtype @Type1"), (b"/Length 210", b"/Length 199")],
    )
    def test_object_that_is_not_written_as_pdf_asks_is_noted(self, verify, found, put):
        content = samples()["report.pdf"]
        assert found in content
        message = verify("report.pdf", content.replace(found, put, 1)).message
        assert message == (
            "Whole, but parts of it are not written as PDF asks, which damage can also do"
        )

    @pytest.mark.parametrize(
        ("filters", "group", "said"),
        [
            (["JBIG2"], -1, "picture in it (JBIG2)"),
            (["CCF"], 0, "picture in it (CCITT fax)"),
            (["Odd"], -1, "part of it (an unusual filter)"),
        ],
    )
    def test_part_that_is_not_decoded_is_said_and_lessens_the_depth(
        self, verify, filters, group, said
    ):
        result = verify("scan.pdf", document_with_part(filters, group))
        assert result.message == f"Whole, but 1 {said} was not decoded"
        assert result.data["checked"] == "structure"

    def test_fax_with_fewer_rows_than_it_says_is_a_note(self, verify):
        content = document_with_part(["CCF"]).replace(b"/Height 200", b"/Height 260")
        result = verify("scan.pdf", content)
        assert result.message == (
            "Whole, but rows of a picture in it are not complete, as after a bad fax or damage"
        )

    def test_filter_whose_name_is_not_text_is_damage(self, verify):
        content = samples()["report.pdf"].replace(b"/FlateDecode", b"/Flat\x80Decode", 1)
        assert "packed part" in fails(verify, "x.pdf", content)

    def test_part_without_any_check_in_it_is_unpacked(self, verify):
        assert verify("x.pdf", document_with_part(["RL"])).message == ""

    def test_encrypted_document_with_an_empty_password_is_unpacked(self, verify):
        document = pikepdf.open(io.BytesIO(samples()["report.pdf"]))
        stream = io.BytesIO()
        document.save(stream, encryption=pikepdf.Encryption(owner="secret", user=""))
        content = stream.getvalue()
        assert verify("x.pdf", content).data["pages"] == 3
        place = content.index(b"/FlateDecode")
        place = content.index(b"stream", place) + 60
        assert fails(verify, "x.pdf", flip(content, place)).startswith("The PDF is damaged: ")

    def test_comment_before_the_end_mark_is_harmless(self, verify):
        content = samples()["report.pdf"].replace(b"%%EOF", b"%made by x\n%%EOF")
        assert verify("x.pdf", content).message == ""

    def test_linearized_document_is_checked_against_its_length(self, verify):
        content = samples()["report.pdf"].replace(
            b"%PDF-1.4\n", b"%PDF-1.4\n9 0 obj << /Linearized 1 /L 99999 >> endobj\n"
        )
        assert fails(verify, "x.pdf", content) == (
            f"The PDF is cut off: it should have 99,999 bytes and has {len(content):,}"
        )


class TestJson:
    @pytest.mark.parametrize(
        "content",
        [
            b"{}",
            b"[1, 2.5e3, -0, true, null]",
            b'"text"',
            b"\xef\xbb\xbf{}",
            '{"ü": "🎉"}'.encode(),
            '{"ü": 1}'.encode("utf-16"),
            '{"ü": 1}'.encode("utf-32"),
            b"  \n[]\n",
        ],
    )
    def test_json_in_any_valid_encoding_passes(self, verify, content):
        result = verify("x.json", content)
        assert (result.data["kind"], result.message) == ("json", "")

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b'{"a": 1,\n "b": }', "Not valid JSON: a value is missing in line 2, column 7"),
            (b"[1, 2", "Not valid JSON: a comma is missing in line 1, column 6"),
            (b'["a', "Not valid JSON: a string without an end in line 1, column 2"),
            (b"[1] x", "Not valid JSON: other text behind its end in line 1, column 5"),
            (b'["\xff"]', "Not valid JSON: it contains bytes that are not text (byte 2)"),
            (b'["a\x00"]', "Not valid JSON: a control character in a string in line 1, column 4"),
            (b"<html>", "Not valid JSON: a value is missing in line 1, column 1"),
            (b'{"a" 1}', "Not valid JSON: a colon is missing in line 1, column 6"),
            (b"{'a': 1}", "Not valid JSON: a name in double quotes is missing in line 1, column 2"),
            (
                b'["\\x"]',
                "Not valid JSON: an unknown character after a backslash in line 1, column 3",
            ),
        ],
    )
    def test_invalid_json_is_reported_with_its_position(self, verify, content, said):
        assert fails(verify, "x.json", content) == said

    def test_broken_line_is_reported_with_its_number(self, verify):
        message = fails(verify, "x.jsonl", b'{"a": 1}\n{"b": \n{"c": 3}\n')
        assert message == "Not valid JSON: a value is missing in line 2"

    def test_json_too_large_for_memory_keeps_its_checksum(self, verify, monkeypatch):
        monkeypatch.setattr(structured, "JSON_BYTES", 1024 * 1024)
        result = verify("x.json", json.dumps(["x" * 1000] * 2000).encode())
        assert result.message == "Only the checksum was kept: JSON of more than 1 MB is not parsed"

    def test_kind_comes_from_the_name_if_the_content_is_ambiguous(self, verify):
        assert verify("x.txt", b"{not json}").data["kind"] == "text"


class TestXml:
    @pytest.mark.parametrize(
        "content",
        [
            b"<a/>",
            b"\xef\xbb\xbf<a>text</a>",
            "<?xml version='1.0' encoding='utf-16'?><ä>ü</ä>".encode("utf-16"),
            "<?xml version='1.0' encoding='iso-8859-1'?><a>ü</a>".encode("latin-1"),
            "<?xml version='1.0' encoding='koi8-r'?><a>привет</a>".encode("koi8-r"),
            "<?xml version='1.0' encoding='Shift_JIS'?><a>日本語</a>".encode("shift_jis"),
            "<?xml version='1.0' encoding='GBK'?><a>中文</a>".encode("gbk"),
            b"<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
            b"<!DOCTYPE a SYSTEM 'a.dtd'><a>&unknown;</a>",
        ],
    )
    def test_well_formed_xml_in_any_encoding_is_whole(self, verify, content):
        result = verify("x.xml", content)
        assert (result.data["kind"], result.message) == ("xml", "")

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"<a><b></a>", "Not well-formed XML: mismatched tag in line 1, column 9"),
            (b"<a>\n<b>", "The XML is cut off: no element found at its end (line 2, column 4)"),
            (b"<a>&unknown;</a>", "Not well-formed XML: undefined entity in line 1, column 4"),
            (b"<a>\x01</a>", "Not well-formed XML: not well-formed (invalid token) in line 1"),
            (
                b"<?xml version='1.0' encoding='GBK'?><a>\xff\xff</a>",
                "The XML is damaged: it contains bytes that are not gbk",
            ),
        ],
    )
    def test_malformed_xml_is_reported_with_its_position(self, verify, content, said):
        assert fails(verify, "x.xml", content).startswith(said)

    def test_external_entities_are_not_read(self, verify, library):
        (library / "secret.txt").write_text("<not-well-formed")
        content = f"<!DOCTYPE a [<!ENTITY e SYSTEM '{library}/secret.txt'>]><a>&e;</a>"
        assert verify("x.xml", content.encode()).message == ""

    def test_unknown_encoding_is_not_damage(self, verify):
        result = verify("x.xml", b"<?xml version='1.0' encoding='martian'?><a/>")
        assert result.message == (
            "Only the checksum was kept: the encoding martian is not known here"
        )

    @pytest.mark.parametrize("name", ["page.html", "template.xml.j2", "feed"])
    def test_file_that_only_looks_like_xml_is_text(self, verify, name):
        result = verify(name, b"<?xml version='1.0'?><a>{% if x %}</b>")
        assert (result.data["kind"], result.data["checked"]) == ("text", "checksum")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_json_lines_are_whole_in_every_encoding_and_under_any_name(verify, encoding):
    content = '{"a": "ĊȊ"}\n{"b": [2]}\n'.encode(encoding)
    assert verify("x.jsonl", content).data["lines"] == 2


def test_json_lines_under_the_name_of_json_are_whole_with_a_note(verify):
    result = verify("x.json", b'{"a": 1}\n{"b": 2}\n')
    assert result.data["lines"] == 2
    assert result.message == "Whole, but the name says JSON and the content is JSON lines"
    assert fails(verify, "x.json", b'{"a": 1}\n{"b": \n')


def test_json_with_comments_and_trailing_commas_is_whole_with_a_note(verify):
    content = b'// settings\n{"url": "http://x/*y*/", /* more */ "list": [1, 2,],\n}\n'
    assert verify("x.json", content).message == (
        "Whole, but it has comments or commas that JSON does not know"
    )
    assert fails(verify, "x.json", content.replace(b"]", b""))


def test_line_too_long_for_memory_keeps_its_checksum(verify, monkeypatch):
    monkeypatch.setattr(structured, "JSON_BYTES", 1024 * 1024)
    result = verify("x.jsonl", json.dumps(["x" * 1000] * 2000).encode())
    assert result.message == "Only the checksum was kept: lines of more than 1 MB are not parsed"


@pytest.mark.parametrize("name", ["UTF8", "utf_8", "Unicode", "ansi", "latin1", "x-sjis"])
def test_xml_with_an_alias_of_its_encoding_is_whole(verify, name):
    real = {"Unicode": "utf-16", "ansi": "cp1252", "latin1": "latin-1", "x-sjis": "shift_jis"}
    text = f'<?xml version="1.0" encoding="{name}"?>\n<a>\u65e5</a>'
    if name in ("ansi", "latin1"):
        text = text.replace("\u65e5", "\u00e9")
    assert verify("x.xml", text.encode(real.get(name, "utf-8"))).message == ""


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.bmp", samples()["bitmap.bmp"]),
        ("x.woff2", woff2()),
        (
            "x.ico",
            bytes.fromhex("00000100010004040000010020006800000016000000")
            + bytes.fromhex("28000000040000000800000001002000").ljust(0x68, b"\0"),
        ),
    ],
)
def test_file_shorter_than_its_header_declares_is_cut_off(verify, name, content):
    assert verify(name, content).data["sha256"]
    message = fails(verify, name, content[:-9])
    assert message == (
        f"The file is cut off: it should have {len(content):,} bytes and has {len(content) - 9:,}"
    )


def test_part_that_acrobat_has_flushed_and_not_closed_is_whole(verify):
    packer = zlib.compressobj()
    flushed = packer.compress(b"1 1 85 13 re\n" * 9) + packer.flush(zlib.Z_SYNC_FLUSH)
    assert verify("form.pdf", with_attachment(flushed)).message == ""
    message = fails(verify, "form.pdf", with_attachment(flushed[:-6]))
    assert message == "The PDF is damaged: 1 of its 4 packed parts is not valid"


def with_attachment(packed: bytes = b"") -> bytes:
    """A document with a part that no page needs."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(samples()["report.pdf"])) as document:
        part = document.make_stream(b"attached to it")
        if packed:
            part.write(packed, filter=pikepdf.Name.FlateDecode)
        document.Root.Attached = part
        document.save(
            target,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return target.getvalue()


def test_part_that_is_not_where_the_table_says_fails_although_no_page_needs_it(verify):
    content = with_attachment()
    assert verify("report.pdf", content).message == ""
    place = content.rindex(b" 0 obj", 0, content.index(b"attached to it"))
    damaged = content[:place] + bytes(6) + content[place + 6 :]
    message = fails(verify, "report.pdf", damaged)
    assert message == "The PDF is damaged: its table of contents is not valid"


def test_part_of_another_length_than_it_says_is_a_note(verify):
    content = with_attachment()
    part = b"attached to it\nendstream"
    assert part in content
    shorter = content.replace(part, b"attached\nendstream".ljust(len(part)))
    assert verify("report.pdf", shorter).message == (
        "Whole, but parts of it are not written as PDF asks, which damage can also do"
    )


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (b'{"a": 1}{"b": 2}', "several values, one after the other"),
        (b'{\n "a": 1\n}\n{\n "b": 2\n}\n', "several values, one after the other"),
        (b'\x1e{"a": 1}\n\x1e{"b": 2}\n', "several values, one after the other"),
        (b'{"a": "one\ttwo\nthree"}', "ends of lines or tabs inside texts"),
    ],
)
def test_json_of_programs_that_write_it_loosely_is_whole_with_a_note(verify, content, note):
    assert verify("export.json", content).message == f"Whole, but it has {note}"
    assert "Not valid JSON" in fails(verify, "export.json", content[:-4])


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("utf-16", "utf-8"), ("UTF-8", "utf-16"), ("UTF-32", "utf-32"), ("UCS-2", "utf-16"),
        ("x-mac-roman", "mac-roman"), ("ISO-8859-8-I", "iso-8859-8"),
    ],
)  # fmt: skip
def test_xml_in_another_encoding_than_declared_or_by_an_old_name_is_whole(
    verify, declared, written
):
    content = f'<?xml version="1.0" encoding="{declared}"?><a>text</a>'.encode(written)
    assert verify("old.xml", content).message == ""
    assert fails(verify, "old.xml", content[:-8])


def test_xml_1_1_is_not_accused(verify):
    message = verify("new.xml", b'<?xml version="1.1"?><a>&#1;</a>').message
    assert message == "Only the checksum was kept: it is of XML 1.1, which is not known here"


def test_document_that_cannot_be_opened_is_not_called_protected_after_one_that_is(verify):
    protected = make_pdf(["secret page"], "pass")
    empty = io.BytesIO()
    pikepdf.new().save(empty)
    for _ in range(2):
        assert fails(verify, "empty.pdf", empty.getvalue()).startswith("The PDF is damaged: it ")
        assert fails(verify, "protected.pdf", protected).startswith("Protected by a password")
