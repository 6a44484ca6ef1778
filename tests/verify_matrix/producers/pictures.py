"""JPEG, PNG, GIF, WebP, BMP, icons, Photoshop and SVG."""

from pathlib import Path
from typing import Any

from tests.verify_matrix import subjects
from tests.verify_matrix.producers.recipe import Recipe, library, program


def _pillow(mode: str = "RGB", side: int = 400, **options: Any) -> Any:
    def make(out: Path, number: int) -> None:
        from PIL import Image

        made = Image.fromarray(subjects.picture(number, side)).convert(mode)
        made.save(out, **options)

    return make


def _animation(**options: Any) -> Any:
    def make(out: Path, number: int) -> None:
        from PIL import Image

        frames = [Image.fromarray(subjects.drawing(number + step, 160)) for step in (0, 7, 14)]
        size = frames[0].size
        frames = [frame.resize(size) for frame in frames]
        frames[0].save(out, save_all=True, append_images=frames[1:], duration=80, **options)

    return make


def _icon(out: Path, number: int) -> None:
    from PIL import Image

    sizes = [(256, 256), (64, 64), (32, 32)]
    form = "bmp" if number % 2 else "png"
    Image.fromarray(subjects.picture(number, 300)).save(out, sizes=sizes, bitmap_format=form)


def _vips(suffix: str, **options: Any) -> Any:
    def make(out: Path, number: int) -> None:
        import pyvips

        pixels = subjects.picture(number)
        pyvips.Image.new_from_array(pixels).write_to_file(str(out), **options)

    return make


def _vector(out: Path, number: int) -> None:
    lines = [
        f'<path d="M{x} {y} l{dx} {dy}" stroke="#{colour:06x}" id="p{index}"/>'
        for index, (x, y, dx, dy, colour) in enumerate(
            subjects.random(number).integers(0, 400, (900, 5)).tolist()
        )
    ]
    head = (
        '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400">'
    )
    out.write_text("\n".join([head, *lines, "</svg>\n"]))


RECIPES: list[Recipe] = [
    library("JPEG", "jpg", "PIL", _pillow(quality=85), "Pillow"),
    library("JPEG", "jpg", "PIL", _pillow(quality=92, progressive=True), "Pillow, progressive"),
    library("JPEG", "jpg", "PIL", _pillow("L", quality=80), "Pillow, grey"),
    library("JPEG", "jpg", "PIL", _pillow("CMYK", quality=80), "Pillow, CMYK"),
    program("JPEG", "jpg", "cjpeg -quality 80 -restart 2 -outfile {out} {ppm}"),
    program("JPEG", "jpg", "cjpeg -quality 80 -arithmetic -outfile {out} {ppm}"),
    program("JPEG", "jpg", "convert {png} -quality 90 -sampling-factor 4:2:2 {out}"),
    program("JPEG", "jpg", "ffmpeg -v error -i {png} -q:v 3 {out}"),
    library("JPEG", "jpg", "pyvips", _vips("jpg", Q=85, interlace=True), "libvips"),
    library("PNG", "png", "PIL", _pillow(), "Pillow"),
    library("PNG", "png", "PIL", _pillow("P"), "Pillow, palette"),
    library("PNG", "png", "PIL", _pillow("RGBA", 280), "Pillow, alpha"),
    library("PNG", "png", "PIL", _animation(), "Pillow, APNG"),
    library("PNG", "png", "pyvips", _vips("png", interlace=True), "libvips, interlaced"),
    program("PNG", "png", "convert {png} -depth 16 {out}"),
    program("PNG", "png", "ffmpeg -v error -i {png} -pix_fmt gray {out}"),
    program("PNG", "png", "optipng -quiet -o1 -out {out} {png}"),
    library("GIF", "gif", "PIL", _pillow("P"), "Pillow"),
    library("GIF", "gif", "PIL", _animation(), "Pillow, animation"),
    program("GIF", "gif", "convert {png} -interlace GIF {out}"),
    program("GIF", "gif", "ffmpeg -v error -i {y4m} -frames:v 8 {out}"),
    program("GIF", "gif", "convert {png} {dir}/{number}.gif",
        "gifsicle -O3 {dir}/{number}.gif -o {out}"),
    library("WebP", "webp", "PIL", _pillow(quality=80, side=800), "Pillow"),
    library("WebP", "webp", "PIL", _pillow(lossless=True), "Pillow, lossless"),
    library("WebP", "webp", "PIL", _animation(quality=90), "Pillow, animation"),
    program("WebP", "webp", "cwebp -quiet -q 90 -metadata all {png} -o {out}"),
    program("WebP", "webp", "ffmpeg -v error -i {png} {out}"),
    library("BMP", "bmp", "PIL", _pillow(), "Pillow"),
    library("BMP", "bmp", "PIL", _pillow("P"), "Pillow, palette"),
    program("BMP", "bmp", "convert {png} {out}"),
    program("BMP", "bmp", "convert {png} -colors 200 -compress RLE {out}"),
    program("BMP", "bmp", "ffmpeg -v error -i {png} {out}"),
    library("icon", "ico", "PIL", _icon, "Pillow"),
    program("icon", "ico", "convert {png} -resize 200x200! {out}"),
    program("icon", "cur", "convert {png} -resize 128x128! {dir}/{number}.png",
            "icotool -c --cursor {dir}/{number}.png -o {out}"),
    program("Photoshop", "psd", "convert {png} {out}"),
    program("Photoshop", "psd", "convert {png} -compress None -colorspace Gray {out}"),
    program("Photoshop", "psd", "convert {png} ( {png} -negate ) -depth 16 {out}"),
    library("SVG", "svg", "numpy", _vector, "written as text"),
    program("SVG", "svg", "pdftocairo -svg {pdf} {out}"),
    program("SVGZ", "svgz", "pdftocairo -svg {pdf} {dir}/{number}.svg",
        "gzip -9 -c {dir}/{number}.svg > {out}"),
]  # fmt: skip
