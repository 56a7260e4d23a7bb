"""An empty database of its own on the PostgreSQL server that the tests were given."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import pytest


@contextmanager
def empty_database() -> Iterator[str]:
    """Its address; dropped at the end. Skips the test where there is no server."""
    url = os.environ.get("OVERREAD_TEST_POSTGRESQL_URL")
    if not url:
        pytest.skip("no PostgreSQL: set OVERREAD_TEST_POSTGRESQL_URL to a server to test on")
    import psycopg

    name = f"overread_{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'create database "{name}"')
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            server.execute(f'drop database "{name}" with (force)')
