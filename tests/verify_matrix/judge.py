"""Asks `verify` and the free tools about files, in several processes."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from tests.verify_matrix.tool_table import tools_for

BROKEN, WARNING, WHOLE, CRASHED = "broken", "warning", "whole", "crashed"
ALWAYS, FAILURES, NO_TOOLS = (BROKEN, WARNING, WHOLE, CRASHED), (BROKEN, CRASHED), ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """state    one of the constants above; a warning is a whole file with something to say
    depth    "content", "structure" or "checksum"; empty for what is broken
    message  the sentence for a person
    """

    state: str
    depth: str = ""
    message: str = ""
    kind: str = ""


Judged = tuple[Path, Verdict, dict[str, str]]


def ours(path: Path) -> Verdict:
    """Return what `verify` says about a file, in this process."""
    import tests.bench.ready  # noqa: F401 - sets Django up, which the operation needs
    from jobs.operations import Item, ItemFailed, Result, get

    operation = get("verify")
    try:
        result = operation.process(
            Item(path.name, root=path.parent), operation.clean_parameters({})
        )
    except ItemFailed as failure:
        return Verdict(BROKEN, "", failure.message, (failure.data or {}).get("kind", ""))
    except Exception as error:  # noqa: BLE001 - the site reports it; here it is a fault to be found
        return Verdict(CRASHED, "", f"{type(error).__name__}: {error}"[:300])
    assert isinstance(result, Result)
    facts = result.data or {}
    said = result.warning or result.message
    if "unforeseen reason" in said:
        return Verdict(CRASHED, "", said, facts["kind"])
    depth = facts["checked"]
    return Verdict(WARNING if said else WHOLE, depth, said, facts["kind"])


def theirs(path: Path, kind: str) -> dict[str, str]:
    """Return what each free tool has against the file, by its name; an empty string if nothing."""
    return {tool.name: tool.complaint(path) for tool in tools_for(path, kind)}


def judge(
    paths: Iterable[Path], processes: int, *, tools: tuple[str, ...] = ALWAYS
) -> Iterator[Judged]:
    """Yield each file with our verdict and the complaints of the tools, in the order given.

    The tools are asked about files on which our verdict is one of `tools`. As in the site, a worker
    that dies with a file does not end the others. With 0 processes all happens in this one.
    """
    left = list(paths)
    while left:
        try:
            for path, verdict, complaints in _in_pool(left, processes, tools):
                yield path, verdict, complaints
                left = left[1:]
        except BrokenProcessPool:
            path, *left = left
            verdict = _alone(path)
            yield path, verdict, theirs(path, verdict.kind) if verdict.state in tools else {}


def _in_pool(paths: list[Path], processes: int, tools: tuple[str, ...]) -> Iterator[Judged]:
    one = partial(_judged, tools)
    if not processes:
        yield from map(one, paths)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("forkserver")) as pool:
        yield from pool.map(one, paths, chunksize=4)


def _judged(tools: tuple[str, ...], path: Path) -> Judged:
    verdict = ours(path)
    return path, verdict, theirs(path, verdict.kind) if verdict.state in tools else {}


def _alone(path: Path) -> Verdict:
    with ProcessPoolExecutor(1, mp_context=get_context("forkserver")) as pool:
        try:
            return pool.submit(ours, path).result()
        except BrokenProcessPool:
            return Verdict(CRASHED, "", "the worker died with the file")
