#!/usr/bin/env bash
# imagecodecs 2026.3.6, jpegxl_decode(data, index=n): for n beyond the last frame it raises nothing
# and returns an array of the size of a frame that no frame equals (its content is not set). A loop
# over the frames needs their number from elsewhere.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install \
    numpy==2.4.6 imagecodecs==2026.3.6
"$folder/venv/bin/python" - <<'PYTHON'
import imagecodecs
import numpy

random = numpy.random.default_rng(1)
frames = random.integers(1, 255, (3, 64, 96, 3), dtype=numpy.uint8)
data = imagecodecs.jpegxl_encode(frames, lossless=True)
assert numpy.array_equal(imagecodecs.jpegxl_decode(data), frames)


def equal_to(number):
    """Return the frames that are equal to what is returned for this number."""
    found = imagecodecs.jpegxl_decode(data, index=number)
    assert found.shape == frames.shape[1:]
    return [place for place, frame in enumerate(frames) if numpy.array_equal(found, frame)]


for number in (0, 1, 2, 3, 100):
    print(f"index={number}: no exception, equals frames {equal_to(number)}")
assert [equal_to(number) for number in (0, 1, 2)] == [[0], [1], [2]]

# That nothing is written into the array shows with one that is filled before.
filled = numpy.full(frames.shape[1:], 7, numpy.uint8)
imagecodecs.jpegxl_decode(data, index=3, out=filled)
print("index=3 with out=: values", numpy.unique(filled))
assert (filled == 7).all()
PYTHON
# Seen:
#   index=0: no exception, equals frames [0]
#   index=1: no exception, equals frames [1]
#   index=2: no exception, equals frames [2]
#   index=3: no exception, equals frames []
#   index=100: no exception, equals frames []
#   index=3 with out=: values [7]
