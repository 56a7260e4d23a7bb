"""serve refuses to be reached from other machines while it is not safe."""

import socket
from typing import Any

import pytest
import typer
from django.db import connection
from typer.testing import CliRunner

from overread.cli.commands import app
from overread.cli.serve import _refuse_taken as refuse_taken
from overread.flows.people import create_owner
from tests.conftest import NOON

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])


@pytest.fixture(autouse=True)
def _serves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "overread.cli.serve._serve", lambda host, port, processes: print(f"served {host}")
    )
    monkeypatch.setattr("overread.cli.serve._refuse_taken", lambda host, port: None)


def serve(host: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["serve", "--host", host])
    return result.exit_code, result.stdout + result.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.9.1"])
def test_on_loopback_a_demo_is_served(host: str) -> None:
    create_owner(name="Olga", email=None, at=NOON, is_demo=True)
    assert serve(host) == (0, f"served {host}\n")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "overread.example.org"])
def test_with_demo_accounts_no_other_address_is_served(host: str) -> None:
    create_owner(name="Olga", email=None, at=NOON, is_demo=True)
    code, said = serve(host)
    assert (code, "demo accounts" in said) == (2, True)


def test_in_debug_mode_no_other_address_is_served(settings: Any) -> None:
    settings.DEBUG = True
    code, said = serve("0.0.0.0")
    assert (code, "OVERREAD_DEBUG" in said) == (2, True)


@pytest.mark.parametrize("secret", ["secret", "change-me-change-me"])
def test_with_a_default_secret_no_other_address_is_served(settings: Any, secret: str) -> None:
    settings.SECRET_KEY = secret
    code, said = serve("0.0.0.0")
    assert (code, "OVERREAD_SECRET_KEY" in said) == (2, True)


def test_a_safe_installation_is_served_where_asked() -> None:
    assert serve("0.0.0.0") == (0, "served 0.0.0.0\n")


def test_sqlite_is_served_by_one_process(settings: Any) -> None:
    if connection.vendor != "sqlite":
        assert CliRunner().invoke(app, ["serve", "--processes", "2"]).exit_code == 0
        return
    refused = CliRunner().invoke(app, ["serve", "--processes", "2"])
    assert (refused.exit_code, "OVERREAD_DATABASE_URL" in refused.stderr) == (2, True)


def test_a_port_that_another_server_has_is_refused() -> None:
    """Servers of this kind share a port, and two homes would answer in turns."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(typer.Exit) as refused:
            refuse_taken("127.0.0.1", taken.getsockname()[1])
    assert refused.value.exit_code == 2
    refuse_taken("127.0.0.1", 0)
