"""Runs a free tool that people check files with, and says whether it complains."""

import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

SECONDS = 60
READERS = Path(__file__).with_name("readers.py")


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that complains with an exit status other than 0, or by what it prints.

    command  a command line without a shell; `{file}` is the file, `{new}` a path to write to
    words    a regular expression without case: what has it in a line of output is a complaint
    silent   True: any output is a complaint
    status   False: the exit status says nothing
    """

    command: str
    words: str = ""
    silent: bool = False
    status: bool = True

    @property
    def name(self) -> str:
        return re.sub(r"\{readers\} ", "", self.command).partition(" {file}")[0].strip("{}")

    def is_there(self) -> bool:
        program = self.command.split()[0]
        return program == "{python}" or shutil.which(program) is not None

    def complaint(self, path: Path) -> str:
        """Return a line of what the tool has against the file; an empty string if nothing."""
        with tempfile.TemporaryDirectory() as folder:
            places = {
                "file": path, "new": Path(folder, "new"), "python": sys.executable,
                "readers": READERS,
            }  # fmt: skip
            try:
                result = subprocess.run(
                    [part.format(**places) for part in shlex.split(self.command)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    timeout=SECONDS,
                    cwd=folder,
                )
            except subprocess.TimeoutExpired:
                return "does not end"
        output = result.stdout.decode(errors="replace").replace(str(path), path.name).strip()
        found = re.search(self.words, output, re.IGNORECASE | re.MULTILINE) if self.words else None
        if found:
            start = output.rfind("\n", 0, found.start()) + 1
            return output[start:].splitlines()[0][:200]
        if self.silent and output:
            return output.splitlines()[0][:200]
        if self.status and result.returncode:
            last = output.splitlines()[-1] if output else ""
            return f"status {result.returncode}: {last}"[:200]
        return ""
