"""Looks up known vulnerabilities of the locked packages: `python -m tests.lint.audit`.

pip-audit asks the database of OSV. Out of its reach one line says so, and the exit code is 0.
"""

import json
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATABASE = ("api.osv.dev", 443)
CONNECT_SECONDS = 3.0
AUDIT_SECONDS = 120.0

COMMAND = [
    sys.executable, "-m", "pip_audit", "--vulnerability-service", "osv", "--disable-pip",
    "--require-hashes", "--progress-spinner", "off", "--format", "json", "--timeout", "10",
    "--requirement", str(ROOT / "tests/requirements.lock"),
]  # fmt: skip


def is_reachable(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=CONNECT_SECONDS).close()
    except OSError:
        return False
    return True


def sentences(report: str) -> list[str]:
    """The vulnerabilities in a report of pip-audit. Raises ValueError if it is none."""
    return [
        f"{package['name']} {package['version']}: {flaw['id']}; "
        f"fixed in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for package in json.loads(report)["dependencies"]
        for flaw in package.get("vulns", [])
    ]


def main(address: tuple[str, int] = DATABASE, command: list[str] = COMMAND) -> int:
    if not is_reachable(address):
        print(f"pip-audit skipped: its database {address[0]} cannot be reached.")
        return 0
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=AUDIT_SECONDS, check=False
        )
        found = sentences(done.stdout)
    except (ValueError, KeyError, subprocess.TimeoutExpired):
        print(f"pip-audit skipped: its database {address[0]} did not answer.")
        return 0
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
