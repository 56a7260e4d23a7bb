"""Starts what is measured: the product's server, and a throw-away PostgreSQL server for it."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from _machine import free_port

START_SECONDS = 60
BENCH = Path(__file__).parent


@contextmanager
def serving(command: list[str], port: int, environment: dict[str, str]) -> Iterator[int]:
    """A server on a port of this machine, up when this yields its process id."""
    log = Path(environment["OVERREAD_HOME"], f"server-{port}.log")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, "--port", str(port)], env=environment, stdout=out, stderr=out, cwd=BENCH
        )
    try:
        _wait_for(port, process, log)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/ping", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"the server did not start:\n{log.read_text()}")


@contextmanager
def servers(environment: dict[str, str], count: int, *, orm: bool) -> Iterator[dict[int, int]]:
    """Process ids by port: the product's servers, or as many of the plain ORM's."""
    beside = Path(sys.executable).parent
    command = [str(beside / "overread"), "serve"]
    if orm:
        command = [str(beside / "granian"), "--interface", "asginl", "--no-ws", "_orm:application"]
    with ExitStack() as stack:
        ports = [free_port() for _ in range(count)]
        yield {port: stack.enter_context(serving(command, port, environment)) for port in ports}


@contextmanager
def home() -> Iterator[dict[str, str]]:
    """The environment of a fresh installation, which is gone afterwards."""
    with TemporaryDirectory(prefix="overread-bench-") as folder:
        yield {**os.environ, "OVERREAD_HOME": folder}


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """A new database on a PostgreSQL server; its address."""
    import psycopg

    name = f"overread_bench_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name}")  # type: ignore[call-overload, unused-ignore]
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(f"drop database {name} with (force)")  # type: ignore[call-overload, unused-ignore]


@contextmanager
def postgresql() -> Iterator[str]:
    """A throw-away PostgreSQL server with its own defaults, durable commits among them."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    if not found:
        raise SystemExit("Install PostgreSQL, or give one with OVERREAD_DATABASE_URL.")
    folder, password, port = (
        Path(mkdtemp(prefix="overread-pg-")),
        secrets.token_hex(16),
        free_port(),
    )
    (folder / "password").write_text(password)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        shutil.chown(folder / "password", "postgres")

    def do(tool: str, *arguments: Any) -> None:
        # PostgreSQL refuses to run as root.
        user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*user, str(found[-1] / tool), "--pgdata", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)

    try:
        do(
            "initdb",
            *("--username", "overread", "--pwfile", str(folder / "password")),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8"),
        )
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories="
        do("pg_ctl", "start", "--log", str(folder / "log"), "--wait", "--options", options)
        try:
            yield f"postgresql://overread:{password}@127.0.0.1:{port}/postgres"
        finally:
            do("pg_ctl", "stop", "--mode", "fast")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
