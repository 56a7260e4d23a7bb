"""Olga blacks text on an image out: with the mouse, and by keyboard alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PATIENCE_MS, Server
from tests.browser.looking import cut_off, serious
from tests.flows.test_blacking_out import named


@pytest.fixture
def olga(server: Server, chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    """She looks at the image of a row that is held since text stands on it."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
    page.goto(server.owner())
    film = tmp_path / "film.png"
    film.write_bytes(named())
    page.get_by_role("button", name="Make the job").click()
    page.locator("input[name=images]").first.set_input_files(film)
    page.get_by_role("button", name="Look at the files").click()
    page.get_by_role("button", name="Take in 1 row").click()
    page.get_by_role("link", name="Look at the image").click()
    expect(page.locator("x-ray[data-state=loaded]")).to_be_visible()
    yield page
    context.close()


def forget_what_was_found(olga: Page) -> None:
    """What was found by its shape is taken away, by keyboard."""
    for remove in olga.get_by_role("button", name="Remove").all():
        remove.press("Enter")
    expect(marks(olga)).to_have_count(0)


def marks(olga: Page) -> Locator:
    return olga.locator(".x-ray-places path.line")


def is_gone(olga: Page) -> None:
    expect(olga.get_by_text("What was there is gone from the store.")).to_be_visible()
    expect(olga.get_by_role("link", name="Look at the image")).to_have_count(0)


def test_she_draws_a_box_with_the_mouse(olga: Page) -> None:
    assert serious(olga) == []
    forget_what_was_found(olga)
    draw = olga.get_by_role("button", name="Draw on the image")
    draw.click()
    expect(draw).to_have_attribute("aria-pressed", "true")
    film = olga.locator("x-ray").bounding_box()
    assert film is not None
    left, top = film["x"], film["y"]
    olga.mouse.move(left + 1, top + 0.4 * film["height"])
    olga.mouse.down()
    olga.mouse.move(left + 0.5 * film["width"], top + 0.5 * film["height"])
    olga.mouse.move(left + film["width"] - 1, top + 0.7 * film["height"])
    olga.mouse.up()
    expect(draw).to_have_attribute("aria-pressed", "false")
    expect(marks(olga)).to_have_count(1)
    olga.get_by_role("button", name="Black out", exact=True).click()
    is_gone(olga)


def test_she_types_a_box_and_is_told_what_is_wrong(olga: Page) -> None:
    forget_what_was_found(olga)
    place = olga.locator(".place").first
    for name, number in {"Left": "90", "Top": "40", "Width": "20", "Height": "30"}.items():
        place.get_by_label(name).fill(number)
    olga.get_by_role("button", name="Black out", exact=True).press("Enter")
    expect(olga.get_by_text("A place is a box inside the image")).to_be_visible()
    forget_what_was_found(olga)
    place.get_by_label("Left").fill("0")
    place.get_by_label("Width").fill("100")
    place.get_by_label("Top").fill("40")
    place.get_by_label("Height").fill("30")
    expect(marks(olga)).to_have_count(1)
    olga.set_viewport_size({"width": 390, "height": 844})
    assert cut_off(olga) == []
    olga.get_by_role("button", name="Black out", exact=True).press("Enter")
    is_gone(olga)
