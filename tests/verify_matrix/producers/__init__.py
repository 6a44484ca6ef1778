"""Makes the whole files of each kind, with programs and libraries that people use."""

import random
from dataclasses import dataclass, field
from pathlib import Path

from tests.verify_matrix.producers import (
    archives,
    data,
    deep_pictures,
    documents,
    media,
    pictures,
)
from tests.verify_matrix.producers.recipe import Recipe

RECIPES: list[Recipe] = [
    recipe
    for family in (pictures, deep_pictures, media, documents, archives, data)
    for recipe in family.RECIPES
]
KINDS = tuple(dict.fromkeys(recipe.kind for recipe in RECIPES))


@dataclass(slots=True)
class Made:
    """The whole files of one kind, and why some are not there.

    files     their paths by the name of the recipe, in turn
    skipped  a sentence for each recipe that made none
    """

    kind: str
    files: list[tuple[str, Path]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def make(kind: str, count: int, folder: Path) -> Made:
    """Make `count` files of this kind in the folder, each recipe in turn with other content.

    A recipe whose program is missing or fails is left out, and the others make more.
    """
    made = Made(kind)
    usable = []
    for recipe in (recipe for recipe in RECIPES if recipe.kind == kind):
        if missing := recipe.missing():
            made.skipped.append(f"{recipe.name}: {', '.join(missing)} is not installed")
        else:
            usable.append(recipe)
    stem = "".join(letter if letter.isalnum() else "-" for letter in kind.lower())
    number = 0
    while usable and len(made.files) < count:
        recipe = usable[number % len(usable)]
        path = folder / f"{stem}-{number:02}.{recipe.suffix}"
        random.seed(number)
        try:
            recipe.make(path, number)
            made.files.append((recipe.name, path))
            number += 1
        except Exception as error:  # noqa: BLE001 - whatever a foreign program or library raises
            usable.remove(recipe)
            made.skipped.append(f"{recipe.name}: {_reason(error)}")
    return made


def _reason(error: Exception) -> str:
    output = getattr(error, "stderr", None) or b""
    lines = output.decode(errors="replace").strip().splitlines()
    return f"{type(error).__name__}: {lines[-1] if lines else error}"[:300]
