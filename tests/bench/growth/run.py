"""Measures one part of the growth, in a process of its own, and writes JSON to a file.

python -m tests.bench.growth.run PART OUT
"""

import json
import sys
from importlib import import_module
from pathlib import Path

import tests.bench.ready  # noqa: F401
from tests.bench.sizes import Sizes


def main(part: str, out: Path) -> None:
    found = import_module(f"tests.bench.growth.{part}").measure(Sizes.from_environment())
    out.write_text(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
