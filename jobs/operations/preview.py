"""The operation `preview`: makes a small copy of each picture, outside the library."""

import os
from pathlib import Path
from typing import Any

from django import forms

from jobs.operations.base import Operation
from jobs.operations.files import atomic_write, open_regular
from jobs.operations.item import Item
from jobs.operations.results import ItemFailed, ItemUnsuitable
from jobs.operations.verify.kinds import HEAD_BYTES, LABELS, detect, extension
from jobs.operations.verify.libvips import load_vips, vips_errors
from jobs.operations.verify.limits import CannotCheck, Limits
from jobs.operations.verify.pictures import PICTURES


class PreviewParameters(forms.Form):
    size = forms.IntegerField(
        label="Longest side (pixels)", initial=256, min_value=16, max_value=4096
    )
    format = forms.ChoiceField(
        label="Format", choices=[("webp", "WebP"), ("jpg", "JPEG"), ("png", "PNG")], initial="webp"
    )


class Preview(Operation):
    """Writes `photos/a.png.out/a.png.webp` for `photos/a.png`. Only reads the library."""

    name = "preview"
    label = "Make previews"
    description = "Makes a small copy of each picture in the output folder."
    Parameters = PreviewParameters
    kinds = ("image",)
    timeout = 120.0

    def process(self, item: Item, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return {"file", "width", "height"}: the path below the output folder, size in pixels.

        Raises ItemFailed if the picture is broken, and ItemUnsuitable if it is none.
        """
        pyvips = load_vips()
        fd = open_regular(item.root, item.key)
        try:
            _check_kind(os.pread(fd, HEAD_BYTES, 0), item.key.rpartition("/")[2])
            source = pyvips.Source.new_from_descriptor(fd)
            with vips_errors():
                image = pyvips.Image.new_from_source(
                    source, "", access="sequential", fail_on="error"
                )
                Limits().check_pixels(image.width, image.height)
                # `thumbnail_source` would read less and miss damage.
                small = image.thumbnail_image(
                    parameters["size"], height=parameters["size"], size="down"
                )
                encoded = small.write_to_buffer(f".{parameters['format']}", keep="none")
        except CannotCheck as reason:
            raise ItemFailed(f"No preview: {reason}", finding=True) from None
        finally:
            os.close(fd)
        target = item.output_path(f".{parameters['format']}")
        with atomic_write(target) as stream:
            stream.write(encoded)
        file = target.relative_to(Path(item.outputs or "/"))
        return {"file": str(file), "width": small.width, "height": small.height}


def _check_kind(head: bytes, name: str) -> None:
    kind = detect(head, name)
    if kind not in PICTURES and not (kind == "xml" and extension(name) == "svg"):
        raise ItemUnsuitable(f"This is not a picture but {LABELS[kind]}")
