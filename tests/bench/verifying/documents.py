"""Makes PDF documents: pages of text, drawings and pictures, written in the usual ways."""

import io
import random
from typing import Any

import pikepdf

from tests.bench.verifying.photos import cropped, saved


def document(number: int) -> bytes:
    """Return a document of 4 to 23 pages: one of three with photos, one of three with scans."""
    chosen = random.Random(number)
    pdf = pikepdf.new()
    font = pdf.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1,
                           BaseFont=pikepdf.Name.Helvetica)
    )  # fmt: skip
    for page in range(4 + number % 20):
        pdf.add_blank_page(page_size=(595, 842))
        resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        drawn = _text(chosen)
        if number % 3 and page % 3 == 0:
            picture = (_photo if number % 3 == 1 else _scan)(pdf, number + page)
            resources.XObject = pikepdf.Dictionary(Im0=picture)
            drawn += b"q 400 0 0 300 90 60 cm /Im0 Do Q\n"
        pdf.pages[-1].Resources = resources
        pdf.pages[-1].Contents = pdf.make_stream(drawn)
    out = io.BytesIO()
    pdf.save(
        out,
        compress_streams=True,
        linearize=number % 4 == 1,
        object_stream_mode=list(pikepdf.ObjectStreamMode)[number % 3],
    )
    return out.getvalue()


def _text(chosen: random.Random) -> bytes:
    lines = [b"BT /F1 9 Tf 60 800 Td 11 TL"]
    for _ in range(40):
        words = " ".join(f"{chosen.randrange(10**7):x}" for _ in range(12))
        lines.append(f"({words}) Tj T*".encode())
    lines.append(b"ET")
    for _ in range(120):
        numbers = " ".join(f"{chosen.uniform(20, 560):.2f}" for _ in range(6))
        lines.append(f"100 400 m {numbers} c S".encode())
    return b"\n".join(lines) + b"\n"


def _photo(pdf: Any, number: int) -> Any:
    image = cropped(number, (1200, 900))
    stream = pikepdf.Stream(pdf, saved(image, "JPEG", quality=88))
    return _picture(stream, image, pikepdf.Name.DCTDecode)


def _scan(pdf: Any, number: int) -> Any:
    image = cropped(number, (900, 700))
    return _picture(pikepdf.Stream(pdf, image.tobytes()), image, None)


def _picture(stream: Any, image: Any, packed: Any) -> Any:
    stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    stream.Width, stream.Height = image.size
    stream.ColorSpace, stream.BitsPerComponent = pikepdf.Name.DeviceRGB, 8
    if packed is not None:
        stream.Filter = packed
    return stream
