"""Olga asks a hospital's archive from the Data page."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS, Server
from tests.browser.looking import cut_off, serious

SIZES = ((1440, 900), (390, 844))
# Nobody listens there.
AWAY = "[dicomweb.radiology]\naddress = 'http://127.0.0.1:9/dicom-web'\n"


@pytest.fixture
def olga(server: Server, chromium: Browser) -> Iterator[Page]:
    (server.home / "pacs.toml").write_text(AWAY)
    waiting = server.home / "received"
    waiting.mkdir(exist_ok=True)
    (waiting / "a.dcm").write_bytes(b"no picture")
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
    page.goto(server.owner())
    yield page
    context.close()


def test_olga_asks_an_archive_by_keyboard_and_is_told_that_it_is_away(olga: Page) -> None:
    olga.get_by_role("button", name="Make the job").press("Enter")
    expect(olga.get_by_role("heading", name="1 picture was received and waits")).to_be_visible()
    olga.locator("summary", has_text="From a hospital archive (PACS)").press("Enter")
    expect(olga.get_by_label("Accession numbers", exact=True)).to_be_visible()
    expect(olga.get_by_label("Archive", exact=True)).to_have_value("radiology")
    looks_well(olga)
    olga.get_by_label("Accession numbers", exact=True).fill("A11\nA12")
    olga.get_by_role("button", name="Look at these studies").press("Enter")
    expect(olga.get_by_text("The archive can't be reached.").first).to_be_visible()
    expect(olga.get_by_text("The last upload was refused")).to_be_visible()
    assert "127.0.0.1" not in olga.content()


def looks_well(olga: Page) -> None:
    for width, height in SIZES:
        olga.set_viewport_size({"width": width, "height": height})
        assert cut_off(olga) == []
        for scheme in ("light", "dark"):
            olga.emulate_media(color_scheme=scheme)
            if shots := os.environ.get("SHOTS"):
                olga.screenshot(path=Path(shots) / f"{width}-{scheme}.png", full_page=True)
            assert serious(olga) == []
