"""Schemathesis, the program, with all its checks against a running site.

`schemathesis.toml` beside this file lists each exception with its reason.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from jobs import services
from tests.support.fixtures import SiteFactory

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


@pytest.mark.slow(40)
def test_schemathesis_finds_nothing_with_all_checks(site_factory: SiteFactory):
    site = site_factory(
        "sqlite",
        files={"a.txt": b"a", "photos/b.jpg": b"b"},
        LOGIN_REQUIRED="true",
        # Its checks send many wrong tokens from one address.
        LOGIN_FAILURE_LIMIT="1000000",
    )
    token, _ = services.create_token(User.objects.create_superuser("root"), name="schemathesis")
    job = site.start_job("act", count=3)
    address = site.start_web()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("--config-file", str(CONFIGURATION), "run", f"{address}/api/schema"),
            *("--continue-on-failure", "--warnings", "off"),
            *("--header", f"Authorization: Token {token}"),
        ],
        cwd=site.folder,
        env={**site.env, "JOB_ID": str(job.pk)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "test cases" in done.stdout.lower()
