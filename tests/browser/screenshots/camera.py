"""Takes screenshots of a page in every look and writes small PNG files."""

import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyvips

from tests.browser.screenshots import FOCUS, LOOKS, STATES, Tour

_WIDE, _NARROW = {"width": 1180, "height": 800}, {"width": 380, "height": 760}
_VIEWS = dict(zip(LOOKS, [("light", _WIDE), ("dark", _WIDE), ("light", _NARROW)], strict=True))
# Scrolls to the top of the page, or to what the state is about, and to the newest rows of the
# dialog, which resizing the window scrolls away.
_SETTLE = """focus => {
    document.activeElement?.blur();
    scrollTo(0, 0);
    if (focus) document.querySelector(focus).scrollIntoView({block: 'nearest'});
    const rows = document.getElementById('detailsFrame');
    if (rows) rows.scrollTop = rows.scrollHeight;
    return new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
}"""


class Camera:
    """Takes the states of tours. `close()` waits until all files are written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.missing = set(STATES)
        self._files: list[Future[None]] = []
        # Compressing a screenshot takes longer than taking it, and needs no browser.
        self._packers = ThreadPoolExecutor(2)

    def take(self, tour: Tour) -> None:
        """Take each state of a tour in all looks."""
        for page, state in tour:
            self.missing.remove(state)
            print(state, end=" ", file=sys.stderr, flush=True)
            for look, (scheme, size) in _VIEWS.items():
                page.emulate_media(color_scheme=scheme)
                page.set_viewport_size(size)
                self._shoot(page, state, look)
            page.emulate_media(color_scheme="light")
            page.set_viewport_size(_WIDE)

    def _shoot(self, page: Any, state: str, look: str) -> None:
        # The mouse would keep rows from being redrawn, and highlight what is below it.
        page.mouse.move(0, 0)
        page.evaluate(_SETTLE, FOCUS.get(state))
        path = self.folder / f"{state}-{look}.png"
        self._files.append(self._packers.submit(_write, page.screenshot(), path))

    def close(self) -> None:
        """Raises the error of a file that failed, or AssertionError if no tour reached a state."""
        self._packers.shutdown()
        for file in self._files:
            file.result()
        assert not self.missing, f"no tour has reached {self.missing}"


def _write(png: bytes, path: Path) -> None:
    # A palette is enough for a page, and a third of the size.
    image = pyvips.Image.new_from_buffer(png, "")
    image.pngsave(str(path), palette=True, compression=9)
