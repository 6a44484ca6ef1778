#!/usr/bin/env bash
# python-isal 1.9.1, isal_zlib.decompressobj(): with `max_length`, `unconsumed_tail` can be empty
# although output is still to come. zlib of the standard library keeps input back until all output
# has been returned, so the usual loop `while data: decompress(data, n); data = unconsumed_tail`
# ends early with isal, and the last bytes of a whole stream are lost without an error.
# Met with the rows of ordinary icons of 512 x 512 pixels, read in pieces of one megabyte.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install isal==1.9.1
"$folder/venv/bin/python" - <<'PYTHON'
import zlib

from isal import isal_zlib

PIECE = 1024 * 1024
whole = bytes(512 * (1 + 4 * 512))  # 512 rows of a picture: 1,049,088 bytes
packed = zlib.compress(whole)


def unpacked(module):
    unpacker, data, length = module.decompressobj(), packed, 0
    while data and not unpacker.eof:
        length += len(unpacker.decompress(data, PIECE))
        data = unpacker.unconsumed_tail
    return length, unpacker.eof, len(unpacker.flush())


print("zlib: bytes, at the end, left for flush():", unpacked(zlib))
print("isal: bytes, at the end, left for flush():", unpacked(isal_zlib))
assert unpacked(zlib) == (len(whole), True, 0)
assert unpacked(isal_zlib) == (PIECE, False, len(whole) - PIECE)
PYTHON
# Seen:
#   zlib: bytes, at the end, left for flush(): (1049088, True, 0)
#   isal: bytes, at the end, left for flush(): (1048576, False, 512)
