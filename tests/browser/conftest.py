"""A real server of its own for each test that asks: `overread serve` in its own OVERREAD_HOME."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.prepared import prepare

START_SECONDS = 180
# How long a fact is waited for before it counts as missing: for a slow, busy machine.
PATIENCE_MS = 60_000


@dataclass(frozen=True)
class Server:
    """A running server, and the command line on the same home."""

    address: str
    home: Path

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """`overread` with these arguments."""
        return subprocess.run(
            [sys.executable, "-m", "overread", *map(str, arguments)],
            env=environment(self.home),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def owner(self) -> str:
        """An address that signs an owner in, once."""
        made = self.run("user", "owner", "olga@example.org", "--server", self.address)
        return made.stdout.strip()

    def invitations(self, job: str, count: int = 1) -> list[str]:
        made = self.run("user", "invite", job, "--count", str(count), "--server", self.address)
        return re.findall(r"http://\S+", made.stdout)


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "OVERREAD_HOME": str(home), "OVERREAD_DATABASE_URL": ""}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(address: str) -> bool:
    try:
        urllib.request.urlopen(f"{address}/sign-in", timeout=5)
    except (urllib.error.URLError, OSError):
        return False
    return True


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with served(tmp_path) as server:
        yield server


@contextmanager
def served(tmp_path: Path, *, first_start: bool = False) -> Iterator[Server]:
    """first_start: the server finds an empty home and makes its databases itself."""
    home, port = tmp_path / "served", free_port()
    home.mkdir() if first_start else prepare(home)
    address = f"http://127.0.0.1:{port}"
    with (tmp_path / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "overread", "serve", "--port", str(port)],
            env=environment(home),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: answers(address))
        yield Server(address, home)
    finally:
        process.terminate()
        process.wait(timeout=60)


def wait_until(done: Callable[[], bool], seconds: float = START_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "took too long"
        time.sleep(0.1)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, by OVERREAD_CHROMIUM."""
    path = os.environ.get("OVERREAD_CHROMIUM", "")
    if not path:
        pytest.skip("no Chromium found: install the package chromium or set OVERREAD_CHROMIUM")
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    drawing = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]  # WebGL2 everywhere
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*quiet, *drawing, *root])
        yield browser
        browser.close()
