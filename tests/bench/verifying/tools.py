"""The programs that check one format each, by xargs with two processes."""

import resource
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.numbers import WORKERS

_MANY = 20
"""Files of one call of a program that takes several."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of the clock, and of the processors, for all files of one kind."""

    seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Tool:
    """One program.

    command  without the file; one with "{}" takes a single file in this place
    """

    label: str
    command: tuple[str, ...]
    files: int = _MANY

    @property
    def is_installed(self) -> bool:
        return shutil.which(self.command[0]) is not None

    def run(self, files: Sequence[Path]) -> Spent:
        """Check the files. Raises RuntimeError if the program fails one, as all are whole."""
        how = ["-I", "{}"] if "{}" in self.command else ["-n", str(self.files)]
        before, since = _children(), time.monotonic()
        done = subprocess.run(
            ["xargs", "-0", "-P", str(WORKERS), *how, *self.command],
            input=b"\0".join(bytes(file) for file in files),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        spent = Spent(time.monotonic() - since, _children() - before)
        if done.returncode:
            raise RuntimeError(
                f"{self.label} failed: {done.stderr.decode(errors='replace')[-500:]}"
            )
        return spent


SHA256 = Tool("sha256sum", ("sha256sum",))
IDENTIFY = Tool("identify -regard-warnings", ("identify", "-regard-warnings"))

TOOLS: dict[str, tuple[Tool, ...]] = {
    "jpeg": (Tool("jpeginfo -c", ("jpeginfo", "-c")), IDENTIFY, SHA256),
    "png": (Tool("pngcheck", ("pngcheck", "-q")), IDENTIFY, SHA256),
    "pdf": (Tool("qpdf --check", ("qpdf", "--check"), files=1), SHA256),
    "media": (
        Tool(
            "ffmpeg -f null",
            ("ffmpeg", "-v", "error", "-nostdin", "-i", "{}", "-f", "null", "-"),
        ),
        SHA256,
    ),
}
"""What is compared for each kind. The first is the checker of the format."""


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
