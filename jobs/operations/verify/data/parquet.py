"""Checks Parquet tables: every page of every column is there and can be unpacked."""

import zlib
from typing import IO, Any

import zstandard

from jobs.operations.verify.content import Content
from jobs.operations.verify.data.thrift import NotThrift, Reader
from jobs.operations.verify.imagecodecs import CODEC_ERRORS, load_imagecodecs
from jobs.operations.verify.limits import CannotCheck, Checked, Limits, Meter, broken

_MARK, _ENCRYPTED = b"PAR1", b"PARE"
_MOST_FOOTER_BYTES = 64 * 1024 * 1024
_HEADER_BYTES = 64 * 1024
_ROW_GROUPS, _COLUMNS, _META = 4, 1, 3
_CODEC, _VALUES, _PACKED, _DATA_PLACE, _DICTIONARY_PLACE = 4, 5, 7, 9, 11
_PLAIN, _SNAPPY, _GZIP, _BROTLI, _ZSTD, _LZ4 = 0, 1, 2, 4, 6, 7
_DATA_PAGES = {0: 5, 3: 8}
"""Numbers of the fields that describe pages with values, by the kind of page."""
_SECOND = 3
_ERRORS = (*CODEC_ERRORS, zlib.error, zstandard.ZstdError)


def check_parquet(content: Content, limits: Limits) -> Checked:
    """Read every page of every column. Raises ItemFailed for a damaged table."""
    end = content.tail(8)
    if content.size < 12 or end[4:] not in (_MARK, _ENCRYPTED):
        raise broken("The table is cut off: its end mark is missing")
    footer = content.size - 8 - int.from_bytes(end[:4], "little")
    if footer < 4:
        raise broken("The table is damaged: the length at its end is not valid")
    if end[4:] == _ENCRYPTED:
        return Checked(
            {}, "it is encrypted, so only its beginning and end were checked", "structure"
        )
    if content.size - footer > _MOST_FOOTER_BYTES:
        raise CannotCheck("its list of columns is too long to be read")
    try:
        groups = Reader(content.read_at(footer, content.size - footer - 8)).struct()[_ROW_GROUPS]
        columns = [column for group in groups for column in group[_COLUMNS]]
    except (NotThrift, KeyError, TypeError):
        raise broken("The table is damaged: its list of columns cannot be read") from None
    meter = Meter(limits, content.size)
    complete = True
    with content.open() as stream:
        pages = _Pages(stream, footer, meter)
        for number, column in enumerate(columns, 1):
            try:
                complete &= pages.check(column[_META])
            except (NotThrift, KeyError, TypeError, AttributeError):
                if isinstance(column, dict) and (_META not in column or 1 in column):
                    complete = False  # in another file, or encrypted
                    continue
                raise broken(f"The table is damaged: part {number:,} cannot be read") from None
            except _ERRORS:
                raise broken(f"The table is damaged: part {number:,} cannot be unpacked") from None
    return Checked({}, depth="content" if complete else "structure")


class _Pages:
    """Walks through the pages of a column, which come before `end`."""

    def __init__(self, stream: IO[bytes], end: int, meter: Meter) -> None:
        self._stream = stream
        self._end = end
        self._meter = meter

    def check(self, column: dict[int, Any]) -> bool:
        """Return True if the content of every page was looked into, False if it only is there."""
        at = column[_DATA_PLACE]
        dictionary = column.get(_DICTIONARY_PLACE, 0)
        if 0 < dictionary < at:
            at = dictionary
        values, complete = 0, True
        while values < column[_VALUES]:
            start, header = self._header(at)
            at = start + header[3]
            if header[3] < 0 or header[2] < 0 or at > self._end:
                raise broken("The table is cut off or damaged: a page in it is not complete")
            self._meter.visit(header[3])
            self._stream.seek(start)
            complete &= self._check_page(self._stream.read(header[3]), header, column[_CODEC])
            description = header.get(_DATA_PAGES.get(header[1], 0))
            values += description[1] if description else 0
        return complete

    def _header(self, at: int) -> tuple[int, dict[int, Any]]:
        """Return where the content of the page starts, and what its header says."""
        if not 4 <= at < self._end:
            raise broken("The table is cut off or damaged: a column in it is not complete")
        self._stream.seek(at)
        reader = Reader(self._stream.read(min(_HEADER_BYTES, self._end - at)))
        header = reader.struct()
        return at + reader.at, header

    def _check_page(self, page: bytes, header: dict[int, Any], codec: int) -> bool:
        checksum = header.get(4)
        if checksum is not None and zlib.crc32(page) != checksum & 0xFFFFFFFF:
            raise broken("The table is damaged: the checksum of a page does not match")
        length = header[2]
        if header[1] == _SECOND:
            second = header[_DATA_PAGES[_SECOND]]
            levels = second.get(5, 0) + second.get(6, 0)
            page, length = page[levels:], length - levels
            codec = codec if second.get(7, True) else _PLAIN
        if codec == _PLAIN:
            return checksum is not None
        if not page and not length:
            return True
        self._meter.add(max(length, 0))
        unpacked = _unpacked(page, codec, length)
        if unpacked is None:
            return checksum is not None
        if unpacked != length:
            raise broken("The table is damaged: a page in it has not the length it should have")
        return True


def _unpacked(page: bytes, codec: int, length: int) -> int | None:
    """Return how long the page is when unpacked; None if its codec is not known here."""
    if codec == _GZIP:
        return len(zlib.decompressobj(wbits=47).decompress(page, length + 1))
    if codec == _ZSTD:
        return len(zstandard.ZstdDecompressor().decompress(page, max_output_size=length + 1))
    decode = {_SNAPPY: "snappy_decode", _BROTLI: "brotli_decode", _LZ4: "lz4_decode"}.get(codec)
    if decode is None:
        return None
    return len(getattr(load_imagecodecs(), decode)(page, out=length))
