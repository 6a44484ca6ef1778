"""Measures `verify` beside the free tools.

    python -m tests.verify_matrix --out FOLDER [--kinds "NAME;…"] [--count 10]
    python -m tests.verify_matrix --out FOLDER --again
    python -m tests.verify_matrix --out FOLDER --corpus FOLDER…

The first makes files, damages them and writes matrix.md and matrix.json, where results of other
kinds stay. The second asks `verify` alone about the same files, after a change of it. The third
judges files that are there and writes corpus.md and corpus.json.

Ends with 1 if a whole file fails, or a damaged one is called whole while a free tool complains; of
a corpus, if a file fails of which no tool complains.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tests.verify_matrix import corpus, matrix, report
from tests.verify_matrix.producers import KINDS
from tests.verify_matrix.tool_table import missing_tools

DOCS = Path(__file__).resolve().parents[2] / "docs/reference/operations.md"


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.verify_matrix",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the reports and files")
    parser.add_argument("--kinds", default=";".join(KINDS), help="separated by semicolons")
    parser.add_argument("--count", type=int, default=10, help="whole files a kind")
    parser.add_argument("--processes", type=int, default=2, help="0: all in this process")
    parser.add_argument("--docs", action="store_true", help=f"write the table into {DOCS.name}")
    parser.add_argument(
        "--again", action="store_true", help="ask verify alone, about the same files"
    )
    parser.add_argument("--corpus", type=Path, nargs="+", help="folders to judge instead")
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> int:
    options = arguments(given)
    options.out.mkdir(parents=True, exist_ok=True)
    if options.corpus:
        found = corpus.measure(options.corpus, options.processes)
        _write(options.out / "corpus", found, corpus.markdown(found))
        return int(bool(corpus.accused(found)))
    kinds = options.kinds.split(";")
    if unknown := sorted(set(kinds) - set(KINDS)):
        sys.exit(f"There is no kind {', '.join(unknown)}. Choose from: {'; '.join(KINDS)}")
    found = _earlier(options.out / "matrix.json")
    files = options.out / "files"
    if options.again:
        matrix.again(found, files, options.processes)
        _write(options.out / "matrix", found, report.markdown(found))
    else:
        for kind in matrix.measure(kinds, options.count, files, options.processes):
            found["missing_tools"] = missing_tools()
            _replace(found, kind)
            _write(options.out / "matrix", found, report.markdown(found))
    if options.docs:
        report.write_into_docs(found, DOCS)
    return int(report.failed(found))


def _earlier(path: Path) -> dict[str, Any]:
    """Return what earlier runs found."""
    if path.exists():
        return json.loads(path.read_text())
    return {"cases": [], "skipped": {}, "missing_tools": []}


def _replace(found: dict[str, Any], measured: dict[str, Any]) -> None:
    """Put the results of one kind into those of all, in the order of the kinds."""
    (kind,) = measured["skipped"]
    cases = [case for case in found["cases"] if case["kind"] != kind] + measured["cases"]
    found["cases"] = sorted(cases, key=lambda case: KINDS.index(case["kind"]))
    found["skipped"] |= measured["skipped"]


def _write(path: Path, found: dict[str, Any], text: str) -> None:
    content = json.dumps(found, indent=1, ensure_ascii=False)
    path.with_suffix(".json").write_text(content + "\n")
    path.with_suffix(".md").write_text(text)


if __name__ == "__main__":
    sys.exit(main())
