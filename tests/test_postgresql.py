"""The same verbs and routes on PostgreSQL: their tests once more, on a real server."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SAME = ("tests/flows", "tests/web", "tests/cli", "tests/hot")


@pytest.mark.long
def test_everything_that_writes_works_on_postgresql_too(tmp_path: Path) -> None:
    url = os.environ.get("OVERREAD_TEST_POSTGRESQL_URL")
    if not url:
        pytest.skip("no PostgreSQL: set OVERREAD_TEST_POSTGRESQL_URL to a server to test on")
    variables = {**os.environ, "OVERREAD_DATABASE_URL": url, "OVERREAD_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SAME]
    ran = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-4000:]
