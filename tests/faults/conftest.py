"""Each test has a server of its own, started where the test says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.serving import Server
from tests.hot.server_of_tests import empty_database
from tests.prepared import prepare


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    home = tmp_path / "served"
    prepare(home)
    made = Server(home)
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def several_processes(tmp_path: Path) -> Iterator[Server]:
    """Two web processes on PostgreSQL."""
    home = tmp_path / "served"
    home.mkdir()
    with empty_database() as url:
        made = Server(home, url=url, processes=2)
        try:
            yield made
        finally:
            made.stop()
