"""`make bench`: runs everything, prints the tables and writes docs/benchmarks.md and .json.

    python -m tests.bench [--engines NAME,…] [--stacks NAME,…] [--growth PART,…]
                          [--verify KIND,…] [--older COMMIT or FOLDER] [--out FOLDER]

`--engines= --growth=` measures the checks of `verify` alone, `--verify=` leaves them out.

BENCH_SCALE=0.1 does a tenth of the work. Ends all that it has started.
"""

import argparse
import json
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings

import tests.bench.ready  # noqa: F401
from tests.bench.engines import LIBRARIES, MEASURED, PACKAGES, STACKS, installed
from tests.bench.goals import headline
from tests.bench.growth import PARTS
from tests.bench.harness import Harness
from tests.bench.machine import describe
from tests.bench.report import markdown
from tests.bench.verifying.builds import OLDER
from tests.bench.verifying.corpus import COUNTS


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    names = sorted({name for names in MEASURED.values() for name in names})
    parts = sorted({name for names in PARTS.values() for name in names})
    parser.add_argument("--engines", default=",".join(names), help="default: %(default)s")
    parser.add_argument("--stacks", default=",".join(STACKS), help="default: %(default)s")
    parser.add_argument("--growth", default=",".join(parts), help="default: %(default)s")
    parser.add_argument("--verify", default=",".join(COUNTS), help="default: %(default)s")
    parser.add_argument("--older", default=OLDER, help="default: %(default)s; none if empty")
    parser.add_argument(
        "--out", type=Path, default=settings.BASE_DIR / "docs", help="default: %(default)s"
    )
    options = parser.parse_args()
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=options.out).close()
    except OSError as error:
        parser.error(f"--out: nothing can be written to {options.out} ({error.strerror})")
    return options


def main() -> None:
    options = arguments()
    # So that a `kill` unwinds the stack too, which ends the servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    found: dict[str, Any] = {"machine": {}, "skipped": [], "engines": {}, "growth": {}}
    wanted = set(options.engines.split(","))
    for name in LIBRARIES:
        if name in wanted and installed(name) is None:
            wanted.remove(name)
            found["skipped"].append(f"{PACKAGES[name]} is not installed")
            print(f"skipped: {found['skipped'][-1]}", flush=True)
    with Harness() as harness:
        found["machine"] = describe(harness.folder)
        for stack in options.stacks.split(","):
            names = [name for name in MEASURED[stack] if name in wanted]
            found["engines"][stack] = {name: harness.engine(name, stack) for name in names}
        for stack in set(PARTS) & set(options.stacks.split(",")):
            names = [name for name in PARTS[stack] if name in options.growth.split(",")]
            found["growth"][stack] = {name: harness.growth(name, stack) for name in names}
        if kinds := [kind for kind in COUNTS if kind in options.verify.split(",")]:
            found["verify"], skipped = harness.verifying(kinds, options.older)
            found["skipped"] += skipped
    text = markdown(found)
    print(f"\n{text}\n{headline(found)}")
    (options.out / "benchmarks.json").write_text(json.dumps(found, indent=1) + "\n")
    (options.out / "benchmarks.md").write_text(text)


if __name__ == "__main__":
    main()
