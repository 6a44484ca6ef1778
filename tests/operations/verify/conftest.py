from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobs.operations import Item, Result, get
from jobs.operations.verify import content

Verify = Callable[..., Result]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    folder.mkdir()
    return folder


@pytest.fixture
def verify(library: Path) -> Verify:
    """Verifies a file of this name, after writing it if content is given. May raise ItemFailed."""
    operation = get("verify")

    def verified(
        name: str,
        written: bytes | None = None,
        *,
        previous: dict[str, Any] | None = None,
        **parameters: int,
    ) -> Result:
        if written is not None:
            (library / name).write_bytes(written)
        item = Item(name, root=library, previous=previous)
        result = operation.process(item, operation.clean_parameters(parameters))
        assert isinstance(result, Result)
        return result

    return verified


@pytest.fixture(params=["in memory", "from disk"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Small files are kept in memory, large ones are not. The results must be equal."""
    if request.param == "from disk":
        monkeypatch.setattr(content, "IN_MEMORY_BYTES", 0)
    return str(request.param)
