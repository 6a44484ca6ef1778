"""What was aimed at, as ratios within one run, and what was reached."""

from collections.abc import Callable, Iterable
from statistics import median
from typing import Any

from tests.bench.engines import LIBRARIES, LOOP, OURS, RAW, RAW_50
from tests.bench.numbers import Found, duration, rate, table
from tests.bench.verifying.report import memory_goals, ratio_goals

ON_POSTGRESQL = ("postgresql", "valkey")

_WATCHING = {"waits": "that watch one job", "hashes": "and every processor taken"}


def goals(found: Found) -> str:
    """The table of the goals."""
    rows = [
        _ratio("SQLite, noop: part of raw SQL with one commit an item", 0.5, _of(found, RAW)),
        _ratio("SQLite, noop: part of raw SQL in groups of 50 (no goal)", None, _of(found, RAW_50)),
        _ratio("SQLite, noop: times one django-q2 task per item", 20, _of(found, "django_q")),
        _ratio("SQLite, 64 KiB files: part of the plain loop", 0.5, _of(found, LOOP, "sha256_64k")),
        _ratio("SQLite, 1 MiB files: part of the plain loop", 0.9, _of(found, LOOP, "sha256_1m")),
        _ratio("PostgreSQL, noop: times the best queue library", 10, _best(found)),
        _cancel(found),
        *(_ratio(*goal) for goal in ratio_goals(found.get("verify", {}))),
        *(_at_most(*goal) for goal in memory_goals(found.get("verify", {}))),
        *(row for stack, grown in found.get("growth", {}).items() for row in _growth(stack, grown)),
    ]
    return table(("goal", "aim", "reached", ""), rows)


def _ratio(name: str, aim: float | None, reached: float | None) -> list[str]:
    wanted = "–" if aim is None else f"at least {aim:g}"
    if reached is None:
        return [name, wanted, "not measured", ""]
    verdict = "" if aim is None else "reached" if reached >= aim else "missed"
    return [name, wanted, f"{reached:.{2 if reached < 2 else 1}f}", verdict]


def _of(found: Found, other: str, kind: str = "noop") -> float | None:
    own, theirs = rate(found, "sqlite", OURS, kind), rate(found, "sqlite", other, kind)
    return own / theirs if own and theirs else None


def _best(found: Found) -> float | None:
    """This engine's rate with the database as its broker, by the best of the others there."""
    own = rate(found, "postgresql", OURS, "noop")
    theirs = [
        value
        for stack in ON_POSTGRESQL
        for name in LIBRARIES
        if (value := rate(found, stack, name, "noop")) is not None
    ]
    return own / max(theirs) if own and theirs else None


def _cancel(found: Found) -> list[str]:
    own = [engines.get(OURS, {}) for engines in found["engines"].values()]
    cancels = [one["cancel"] for one in own if "cancel" in one]
    name = "items started after a cancel; its slowest answer"
    if not cancels:
        return [name, "0", "not measured", ""]
    after = int(max(_all(cancels, "after", max)))
    reached = f"{after}; {duration(max(_all(cancels, 'answer', max)))}"
    return [name, "0", reached, "missed" if after else "reached"]


def _growth(stack: str, grown: dict[str, Any]) -> list[list[str]]:
    """Whether a job costs the same however large it is; of the largest that was measured."""
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[stack]
    rows = []
    grown = {part: found for part, found in grown.items() if "error" not in found}
    if "site" in grown:
        site = grown["site"]
        for when, text in (("warm", "soon after another"), ("cold", "after a pause")):
            title = f"{name}, job of one item {text}: request to end, ms"
            rows.append(_at_most(title, 40, 1e3 * median(site[when])))
        rows.append(_at_most(f"{name}, idle site: MB of memory", 150, 1e-6 * median(site["pss"])))
        title = f"{name}, site started again: seconds to a good /health"
        rows.append(_at_most(title, 1.4, median(site["start"])))
    if "items" in grown:
        job = grown["items"]["jobs"][-1]
        rows.append(
            _ratio(
                f"{name}, {job['items']:,} items: slowest tenth by the quickest",
                0.85,
                min(job["parts"]) / max(job["parts"]),
            )
        )
        rows.append(
            _at_most(f"{name}, {job['items']:,} items: seconds to make them", 20, job["prepared"])
        )
    if "library" in grown:
        small, large = (
            grown["library"][count] for count in sorted(_numbers(grown["library"]), key=int)
        )
        ratios = [median(large[call]) / median(small[call]) for call in small]
        rows.append(_at_most(f"{name}, calls: large job by small, worst", 3, max(ratios)))
        slowest = 1000 * max(large["cancel"])
        rows.append(_at_most(f"{name}, large job: slowest cancel, ms", 100, slowest))
    for kind, watched in grown.get("pages", {}).items():
        if kind in _WATCHING:
            pages, one = list(watched.items())[-1]
            title = f"{name}, {pages} pages {_WATCHING[kind]}: p95 of an answer, ms"
            rows.append(_at_most(title, 20, 1000 * one["p95"]))
    return rows


def _numbers(keys: Iterable[str]) -> list[str]:
    return [key for key in keys if key.isdecimal()]


def _at_most(name: str, aim: float, reached: float) -> list[str]:
    verdict = "reached" if reached <= aim else "missed"
    return [name, f"at most {aim:g}", f"{reached:.{2 if reached < 10 else 0}f}", verdict]


def _all(cancels: list[dict[str, list[float]]], name: str, of: Callable) -> list[float]:
    return [of(cancel[name]) for cancel in cancels]


def headline(found: Found) -> str:
    """The figures of a first look, one line each set-up."""
    lines = []
    for stack, engines in found["engines"].items():
        if "rates" in engines.get(OURS, {}):
            others = [
                f"{engines[name]['label']} {median(engines[name]['rates']['noop']):,.0f}"
                for name in LIBRARIES
                if "rates" in engines.get(name, {})
            ]
            own = median(engines[OURS]["rates"]["noop"])
            lines.append(f"{stack}: {own:,.0f} items/s; {', '.join(others) or 'nothing else'}")
    return "\n".join(lines)
