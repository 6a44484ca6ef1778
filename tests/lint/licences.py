"""Lists the licence of every package that is installed: `python -m tests.lint.licences [--write]`.

Without `--write` docs/licences.md is compared with the lock files and with what the installed
packages say of themselves; differences are printed, and the exit code is 1.
"""

import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs/licences.md"
LOCKS = {
    "The site": ROOT / "requirements.lock",
    "Tests and checks only": ROOT / "tests/requirements.lock",
}
ACCEPTED = re.compile(
    r"MIT|MIT-0|MIT License|BSD|BSD[- ][23]-Clause|BSD License|Apache-2\.0|"
    r"Apache Software License|ISC|PSF-2\.0|Python Software Foundation License|MPL-2\.0|"
    r"Mozilla Public License 2\.0 MPL 2\.0|LGPL-[23]\.[01](-only|-or-later)|"
    r"GNU Lesser General Public License v[23] or later LGPLv[23]\+|0BSD|Zlib|CC0-1\.0|MIT-CMU"
)
"""Licences that may be used: they allow use and passing on, and ask for nothing of our code."""

STATED = {
    # They are for other systems or versions of Python, so they are not installed everywhere.
    "async-timeout": "Apache-2.0",
    "colorama": "BSD-3-Clause",
    "tzdata": "Apache-2.0",
    # Their metadata leave it to their files of licences.
    "apsw": "Zlib",
    "axe-playwright-python": "MIT",
    "pypdfium2": "BSD-3-Clause AND Apache-2.0",
}

INTRODUCTION = """\
# Licences of the packages

What `pip install` brings, from the lock files, with the licence that each package states. None of
it is part of this repository. `make lock` writes this page, and `make lint` checks it and reports a
licence that `tests/lint/licences.py` does not accept.

## Libraries inside wheels

A wheel can contain libraries under other licences than its own. These matter to people who pass an
installed site on, for example as a container image:

| package | what its wheel for Linux contains | without the package |
| --- | --- | --- |
| archi | libarchive (BSD), with libacl (LGPL-2.1) | 7-Zip, RAR: only their structure |
| inflate64 | (the package itself: LGPL-2.1) | ZIP with Deflate64: only a checksum |
| av | FFmpeg (LGPL-3.0) with libx264 and libx265 (GPL-2.0) | sound, film: only a checksum |
| pillow-heif | libheif and libde265 (LGPL-3.0) with libx265 (GPL-2.0) | HEIC: only a checksum |

`verify` only decodes with them. It loads each one when it meets the first file of its kinds, and
says in the file's message if it is missing. An image that must not contain GPL code leaves both
out: `pip uninstall av pillow-heif`.
"""


def locked(path: Path) -> dict[str, str]:
    """The packages of a lock file with their versions, by name."""
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", path.read_text(), re.M))


def licence_of(package: str) -> str | None:
    """What the installed package says of its licence; None if it is not installed."""
    try:
        found = metadata(package)
    except PackageNotFoundError:
        return None
    if expression := found.get_all("License-Expression", []):
        return expression[0]
    stated = [
        name.rpartition(" :: ")[2]
        for name in found.get_all("Classifier", [])
        if name.startswith("License :: ") and name.count(" :: ") > 1
    ]
    text = " ".join(found.get_all("License", [])).strip()
    # Some packages put the whole text there.
    return " AND ".join(stated) or (text if 0 < len(text) < 60 else "") or "not stated"


def document() -> str:
    """The document as it should be."""
    text, seen = INTRODUCTION, set[str]()
    for title, lock in LOCKS.items():
        text += f"\n## {title}\n\n| package | version | licence |\n| --- | --- | --- |\n"
        for name, version in sorted(locked(lock).items()):
            if name not in seen:
                licence = STATED.get(name) or licence_of(name) or "not installed"
                text += f"| {name} | {version} | {licence} |\n"
            seen.add(name)
    return text


def problems(text: str, wanted: str) -> list[str]:
    """What is wrong with the document's text, in sentences."""
    found = [] if text == wanted else [f"{DOCUMENT.name} is not up to date. Run: make lock"]
    for name, _, licence in re.findall(r"^\| ([a-z0-9]\S*) \| (\d\S*) \| (.*) \|$", wanted, re.M):
        if not is_accepted(licence):
            found.append(f"{name}: may its licence be used? {licence} (see tests/lint/licences.py)")
    return found


def is_accepted(expression: str) -> bool:
    """Return True if all parts, of alternatives one, are accepted licences."""
    parts = re.split(r" (?:AND|OR) ", re.sub(r"[()]", "", expression))
    accepted = [ACCEPTED.fullmatch(part) is not None for part in parts]
    return any(accepted) if " AND " not in expression else all(accepted)


def main() -> int:
    wanted = document()
    if "--write" in sys.argv[1:]:
        DOCUMENT.write_text(wanted)
    found = problems(DOCUMENT.read_text() if DOCUMENT.exists() else "", wanted)
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
