#!/usr/bin/env bash
# pyvips 3.2.0 with pyvips-binary 8.18.7 (its libtiff has no Zstandard): a whole TIFF of tiles packed
# with Zstandard opens, and every pixel is read as black, without an exception, also with
# fail_on="error". The same picture in strips raises. Only libvips' own text of errors knows of it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install \
    pyvips==3.2.0 pyvips-binary==8.18.7 numpy==2.4.6 tifffile==2026.3.3 imagecodecs==2026.3.6
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys

import numpy
import pyvips
import tifffile

grey = numpy.full((256, 256), 200, numpy.uint8)
tiles, strips = f"{sys.argv[1]}/tiles.tif", f"{sys.argv[1]}/strips.tif"
tifffile.imwrite(tiles, grey, tile=(64, 64), compression="zstd")
tifffile.imwrite(strips, grey, compression="zstd")
assert tifffile.imread(tiles).mean() == 200

average = pyvips.Image.new_from_file(tiles, fail_on="error").avg()
text = pyvips.ffi.string(pyvips.vips_lib.vips_error_buffer()).decode()
print("tiles: average", average, "| text of errors:", text.splitlines()[0])
try:
    pyvips.Image.new_from_file(strips, fail_on="error").avg()
    raised = False
except pyvips.Error:
    raised = True
print("strips: raises", raised)
assert average == 0.0
assert "ZSTD" in text
assert raised
PYTHON
# Seen:
#   tiles: average 0.0 | text of errors: tiff2vips: ZSTD compression support is not configured
#   strips: raises True
