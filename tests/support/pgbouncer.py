"""A PgBouncer in front of a test's PostgreSQL, where one is installed: connections of a pool that
belong to others after each transaction."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.support.requirements import require_program
from tests.support.waiting import wait_until

_PORT = 6432
"""Of the socket's name; nothing listens on the network."""

_CONFIG = """
[databases]
* = host={server} user=postgres

[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
unix_socket_mode = 0777
auth_type = any
pool_mode = transaction
ignore_startup_parameters = options,extra_float_digits
logfile = {folder}/log
"""


@contextmanager
def transaction_pool(url: str) -> Iterator[str]:
    """The URL of the same database through a PgBouncer that pools transactions.

    Skips the test where PgBouncer is not installed.
    """
    program = require_program("pgbouncer")
    parts = urlsplit(url)
    server = parts.query.removeprefix("host=")
    folder = Path(tempfile.mkdtemp(prefix="pgb-"))
    account = "nobody" if os.geteuid() == 0 else None
    if account:
        os.chown(folder, pwd.getpwnam(account).pw_uid, -1)
    config = folder / "pgbouncer.ini"
    config.write_text(_CONFIG.format(server=server, port=_PORT, folder=folder))
    config.chmod(0o644)
    if account:
        # It runs as another account, which has to reach the server's socket too.
        Path(server).chmod(0o755)
    process = subprocess.Popen(
        [program, "-q", str(config)],
        user=account,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    pooled = f"postgres://postgres@/{parts.path.lstrip('/')}?host={folder}&port={_PORT}"

    def answers() -> bool:
        try:
            psycopg.connect(pooled, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    try:
        wait_until(answers, what="PgBouncer answers")
        yield pooled
    finally:
        process.kill()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)
