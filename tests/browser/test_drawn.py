"""A row's page draws what readers drew over the image, and says the same in words."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS, Server, environment
from tests.browser.looking import cut_off, serious
from tests.conftest import write_images, write_table

SEED = Path(__file__).with_name("seeded_drawings.py")


def box(left: int, top: int, right: int, bottom: int) -> list[dict[str, Any]]:
    return [{"kind": "box", "points": [[left, top], [right, bottom]], "label": ""}]


@pytest.fixture
def row(server: Server, chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    write_table(tmp_path / "table.csv", 3, 0)
    write_images(tmp_path / "images", 3)
    drawings = json.dumps([box(4, 4, 12, 12), box(6, 4, 14, 12), []])
    owner = server.owner()
    made = subprocess.run(
        [sys.executable, SEED, str(tmp_path), drawings],
        env={**environment(server.home), "DJANGO_SETTINGS_MODULE": "overread.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, color_scheme="dark")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
    page.goto(owner)
    page.goto(f"{server.address}/{made.stdout.strip()}")
    yield page
    context.close()


def test_readers_are_thin_and_what_stands_is_thick(row: Page) -> None:
    expect(row.locator("x-ray[data-state=loaded]")).to_be_visible()
    readers = row.locator(".x-ray-readers path.line")
    stands = row.locator(".x-ray-consensus path.line")
    expect(readers).to_have_count(2)
    expect(stands).to_have_count(1)
    width = "(one) => parseFloat(getComputedStyle(one).strokeWidth)"
    assert readers.first.evaluate(width) < stands.evaluate(width)
    expect(row.get_by_text("drawn by 2 of 3")).to_be_visible()
    row.get_by_label("What each reader drew (thin)").press(" ")
    expect(readers).to_have_count(0)
    expect(stands).to_have_count(1)
    row.get_by_text("What each reader drew", exact=True).click()
    assert serious(row) == []
    too_wide = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).length"
    assert row.locator(".table-box").evaluate_all(too_wide) == 0
    row.set_viewport_size({"width": 640, "height": 450})
    assert cut_off(row) == []
