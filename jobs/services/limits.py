"""How far the limits of a job may go: what its row can hold and what lets it move at all."""

from jobs.exceptions import BadLimits

MAX_WORKERS = (1, 32_767)
"""With none at once a job would wait for ever."""
FAILURE_LIMIT = (0, 2_147_483_647)


def check_limits(*, max_workers: int | None = None, failure_limit: int | None = None) -> None:
    """Raise BadLimits, which names each wrong field. None is no limit."""
    given = {
        "max_workers": (max_workers, *MAX_WORKERS),
        "failure_limit": (failure_limit, *FAILURE_LIMIT),
    }
    wrong = {
        name: [f"Give a whole number from {least:,} to {most:,}."]
        for name, (value, least, most) in given.items()
        if not (value is None or (_is_whole(value) and least <= value <= most))
    }
    if wrong:
        told = " ".join(f"{name}: {' '.join(sentences)}" for name, sentences in wrong.items())
        raise BadLimits(told, fields=wrong)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
