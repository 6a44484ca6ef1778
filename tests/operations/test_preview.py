import os

import pytest

from jobs.operations import Item, ItemFailed, ItemUnsuitable, get
from jobs.operations.verify.libvips import load_vips
from tests.operations.verify.samples import samples


@pytest.fixture
def preview(tmp_path):
    """Draws the preview of a file of this name; returns its result and where it is."""

    def drawn(name: str, content: bytes, **parameters: object):
        library = tmp_path / "library"
        path = library / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        operation = get("preview")
        item = Item(name, root=library, outputs=tmp_path / "outputs")
        result = operation.process(item, operation.clean_parameters(parameters))
        assert isinstance(result, dict)
        return result, tmp_path / "outputs" / result["file"]

    return drawn


@pytest.mark.parametrize(
    "name",
    ["photo.jpg", "drawing.png", "moving.gif", "lossy.webp", "deflated.tif", "picture.avif"],
)
def test_every_kind_of_picture_has_a_preview(preview, name):
    result, path = preview(name, samples()[name], size=64)
    assert result == {"file": f"{name}.out/{name}.webp", "width": 64, "height": 48}
    small = load_vips().Image.new_from_file(str(path))
    assert (small.width, small.height) == (64, 48)


@pytest.mark.parametrize("suffix", ["webp", "jpg", "png"])
def test_format_can_be_chosen(preview, suffix):
    _, path = preview("photo.jpg", samples()["photo.jpg"], format=suffix)
    assert path.name == f"photo.jpg.{suffix}"
    assert load_vips().Image.new_from_file(str(path)).width == 160, "a small one is not enlarged"


def test_folders_are_kept_and_the_library_is_not_written_to(preview, tmp_path):
    result, path = preview("a/b/photo.jpg", samples()["photo.jpg"])
    assert result["file"] == "a/b/photo.jpg.out/photo.jpg.webp"
    assert path.is_file()
    assert os.listdir(tmp_path / "library" / "a" / "b") == ["photo.jpg"]


def test_drawing_in_svg_has_a_preview(preview):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><rect/></svg>'
    assert preview("x.svg", svg)[0] == {"file": "x.svg.out/x.svg.webp", "width": 90, "height": 30}


@pytest.mark.parametrize(
    ("name", "said"),
    [("notes.txt", "not a picture but text"), ("report.pdf", "not a picture but PDF")],
)
def test_file_that_is_not_a_picture_is_named_as_unsuitable(preview, name, said):
    with pytest.raises(ItemUnsuitable, match=said):
        preview(name, samples()[name])


def test_half_a_picture_fails(preview, tmp_path):
    content = samples()["photo.jpg"]
    with pytest.raises(ItemFailed, match="The picture is cut off") as caught:
        preview("photo.jpg", content[: len(content) // 2])
    assert caught.value.finding
    assert not (tmp_path / "outputs").exists()


def test_picture_beside_a_folder_with_the_name_of_its_preview_has_one(preview):
    _, first = preview("a.png", samples()["drawing.png"])
    _, second = preview("a.png.webp/a.png", samples()["drawing.png"])
    _, third = preview("a.png.out/a.png.webp", samples()["drawing.png"])
    assert len({first, second, third}) == 3
    assert all(path.is_file() for path in (first, second, third))


def test_longest_name_still_has_a_preview(preview):
    names = ["n" * 251 + ".jpg", "n" * 250 + "m.jpg"]
    files = {preview(name, samples()["photo.jpg"])[0]["file"] for name in names}
    assert len(files) == 2


def test_odd_name_has_a_preview(tmp_path):
    (tmp_path / "library").mkdir()
    with open(os.fsencode(tmp_path) + b"/library/caf\xe9.jpg", "wb") as stream:
        stream.write(samples()["photo.jpg"])
    operation = get("preview")
    item = Item("caf\\xe9.jpg", root=tmp_path / "library", outputs=tmp_path / "outputs")
    operation.process(item, operation.clean_parameters({}))
    folder = os.fsencode(tmp_path / "outputs") + b"/caf\xe9.jpg.out"
    assert os.listdir(folder) == [b"caf\xe9.jpg.webp"]
