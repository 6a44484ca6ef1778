"""BLAKE2sp, which RAR offers in the place of CRC-32: eight BLAKE2s side by side."""

import hashlib

import numpy as np

_LEAVES = 8
_BLOCK_BYTES = 64
_STRIPE_BYTES = _LEAVES * _BLOCK_BYTES


class Blake2sp:
    """Computes the checksum of what `update` gets, with 32 bytes."""

    def __init__(self) -> None:
        self._leaves = [_node(number, depth=0) for number in range(_LEAVES)]
        self._waiting = b""

    def update(self, piece: bytes | memoryview) -> None:
        data = self._waiting + bytes(piece)
        whole = len(data) // _STRIPE_BYTES * _STRIPE_BYTES
        stripes = np.frombuffer(data, np.uint8, whole).reshape(-1, _LEAVES, _BLOCK_BYTES)
        for number, leaf in enumerate(self._leaves):
            leaf.update(stripes[:, number].tobytes())
        self._waiting = data[whole:]

    def digest(self) -> bytes:
        root = _node(0, depth=1)
        for number, leaf in enumerate(self._leaves):
            start = number * _BLOCK_BYTES
            leaf.update(self._waiting[start : start + _BLOCK_BYTES])
            root.update(leaf.digest())
        self._waiting = b""
        return root.digest()


def _node(number: int, depth: int) -> "hashlib.blake2s":
    return hashlib.blake2s(
        fanout=_LEAVES,
        depth=2,
        inner_size=32,
        node_offset=number,
        node_depth=depth,
        last_node=depth == 1 or number == _LEAVES - 1,
    )
