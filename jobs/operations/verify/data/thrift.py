"""Reads structures of Thrift in its compact protocol, which Parquet describes itself with."""

from typing import Any

_MOST_DEPTH = 24
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT, _UUID = range(
    1, 14
)
_KEPT = 64
"""Longer texts are passed over."""


class NotThrift(Exception):
    """The bytes are no such structure, or end before it does."""


class Reader:
    """Reads one structure after the other from bytes. `at` is where the next one starts."""

    def __init__(self, data: bytes) -> None:
        self.at = 0
        self._data = data

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """Return the fields by their numbers: numbers, booleans, bytes, lists and dicts."""
        if depth > _MOST_DEPTH:
            raise NotThrift
        fields: dict[int, Any] = {}
        number = 0
        while True:
            head = self._byte()
            if not head:
                return fields
            number = number + (head >> 4) if head >> 4 else self._signed()
            kind = head & 15
            fields[number] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind, depth)

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (_TRUE, _FALSE, _BYTE):
            return self._byte()
        if kind in (_I16, _I32, _I64):
            return self._signed()
        if kind in (_DOUBLE, _UUID):
            return self._bytes(8 if kind == _DOUBLE else 16)
        if kind == _BINARY:
            return self._bytes(self._varint())
        if kind in (_LIST, _SET):
            return self._list(depth)
        if kind == _MAP:
            return self._map(depth)
        if kind == _STRUCT:
            return self.struct(depth + 1)
        raise NotThrift

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        count = head >> 4 if head >> 4 < 15 else self._varint()
        self._expect(count)
        return [self._value(head & 15, depth + 1) for _ in range(count)]

    def _map(self, depth: int) -> None:
        count = self._varint()
        if not count:
            return
        self._expect(count)
        kinds = self._byte()
        for _ in range(count):
            self._value(kinds >> 4, depth + 1)
            self._value(kinds & 15, depth + 1)

    def _expect(self, count: int) -> None:
        """Raise for a count that the rest of the bytes cannot hold."""
        if count > len(self._data) - self.at:
            raise NotThrift

    def _byte(self) -> int:
        self._expect(1)
        self.at += 1
        return self._data[self.at - 1]

    def _bytes(self, count: int) -> bytes:
        self._expect(count)
        self.at += count
        return self._data[self.at - count : self.at] if count <= _KEPT else b""

    def _varint(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise NotThrift

    def _signed(self) -> int:
        value = self._varint()
        return value >> 1 ^ -(value & 1)
