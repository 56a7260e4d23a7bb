"""Olga sees what is in her files before anything is stored, and puts it right by keyboard."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS, Server
from tests.browser.looking import cut_off, serious
from tests.conftest import write_images

TABLE = "image,label,PatientName\n" + "".join(
    f"scan-{number}.png,{label},Doe^{number}\n"
    for number, label in enumerate(["0", "1", "sick", "sick", "", ""])
)
SIZES = ((1440, 900), (1024, 768), (640, 450), (390, 844))


@pytest.fixture
def olga(server: Server, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
    page.goto(server.owner())
    yield page
    context.close()


def upload(olga: Page, folder: Path) -> None:
    table = folder / "table.csv"
    table.write_text(TABLE)
    olga.get_by_role("button", name="Make the job").press("Enter")
    olga.locator("input[name=table]").set_input_files(table)
    images = sorted(write_images(folder / "images", 5).iterdir())
    olga.locator("input[name=images]").first.set_input_files(images)
    olga.get_by_role("button", name="Look at the files").press("Enter")


def test_its_tables_are_read_on_a_phone_without_scrolling_sideways(
    olga: Page, tmp_path: Path
) -> None:
    upload(olga, tmp_path)
    olga.set_viewport_size({"width": 390, "height": 844})
    for name in ("Problems", "Columns", "What the labels mean", "The first rows"):
        box = olga.locator(".table-box").and_(olga.get_by_role("region", name=name))
        expect(box).to_be_visible()
        assert box.evaluate("(one) => one.scrollWidth <= one.clientWidth"), name
    if shots := os.environ.get("SHOTS"):
        olga.screenshot(path=Path(shots) / "problems.png", full_page=True)


def test_olga_puts_a_preview_right_by_keyboard_and_takes_it_in(olga: Page, tmp_path: Path) -> None:
    upload(olga, tmp_path)
    expect(olga.get_by_text("2 labelled: 1 Healthy, 1 Signs of pneumonia.")).to_be_visible()
    looks_well(olga)
    meaning = olga.get_by_role("combobox", name="sick")
    meaning.focus()
    meaning.press("S")  # the answer that begins with it
    meaning.press("Tab")
    expect(olga.get_by_text("4 labelled: 1 Healthy, 3 Signs of pneumonia.").last).to_be_visible()
    expect(olga.get_by_role("status").first).to_contain_text("6 rows, images in “image”")
    all_or_nothing = olga.get_by_role("checkbox", name="Take in nothing where one row")
    all_or_nothing.press("Space")
    expect(olga.get_by_role("button", name="Take in 6 rows")).to_be_disabled()
    expect(all_or_nothing).to_be_focused()
    all_or_nothing.press("Space")
    expect(olga.get_by_role("button", name="Take in 6 rows")).to_be_enabled()
    assert serious(olga) == []
    olga.get_by_role("button", name="Take in 6 rows").press("Enter")
    expect(olga.get_by_text("6 rows, images in “image”, 5 loaded.")).to_be_visible()
    expect(olga.get_by_text("4 labelled: 1 Healthy, 3 Signs of pneumonia.")).to_be_visible()


def looks_well(olga: Page) -> None:
    """In light and dark, from a phone to a desk."""
    found: dict[str, list[str]] = {}
    for scheme in ("dark", "light"):
        olga.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found[scheme] = serious(olga)
        for width, height in SIZES:
            olga.set_viewport_size({"width": width, "height": height})
            found[f"{scheme}, {width}"] = cut_off(olga)
    assert {where: what for where, what in found.items() if what} == {}
