"""The preview in a real browser: as a file with the network off, and to click through."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS, Server
from tests.conftest import write_images, write_table


@pytest.fixture
def job(server: Server, tmp_path: Path) -> str:
    """A draft with ten test questions."""
    table = write_table(tmp_path / "table.csv", 20, 10)
    images = write_images(tmp_path / "images", 20)
    return server.run("job", "create", table, "--images", images).stdout.split()[-1]


def test_the_file_opens_from_disk_with_the_network_off_and_without_script(
    server: Server, chromium: Browser, job: str, tmp_path: Path
) -> None:
    file = tmp_path / "preview.html"
    assert server.run("job", "preview", job, "--html", file).returncode == 0
    context = chromium.new_context(offline=True, java_script_enabled=False)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    expect(page.get_by_role("heading", name="Sample 8")).to_be_visible()
    assert not [url for url in asked if not url.startswith(("data:", "file:"))]
    widths = page.locator("img").evaluate_all("all => all.map(one => one.naturalWidth)")
    assert len(widths) == 16
    assert all(widths)
    first = page.get_by_role("radio", name="Healthy").first
    first.check()
    expect(first).to_be_checked()
    for width in (320, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) <= 0
    # Instructions, two samples a page, their answers: with room for other fonts.
    assert 5 < len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) < 10
    context.close()


def test_the_proposal_opens_from_disk_too(
    server: Server, chromium: Browser, job: str, tmp_path: Path
) -> None:
    file = tmp_path / "proposal.html"
    assert server.run("job", "proposal", job, "-o", file).returncode == 0
    context = chromium.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(file.as_uri())
    expect(page.get_by_role("img", name="Chance to pass the quiz")).to_be_visible()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) <= 0
    assert page.pdf(format="A4").startswith(b"%PDF")
    context.close()


def test_an_owner_clicks_through_what_contributors_will_see(
    server: Server, chromium: Browser, job: str
) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
    page.goto(server.owner())
    page.goto(f"{server.address}/jobs/{job}/launch")
    with context.expect_page() as opened:
        page.get_by_role("link", name="Preview as contributors").click()
    tried = opened.value
    expect(tried.get_by_text("Nothing that you answer here is kept.")).to_be_visible()
    assert answer_page(tried), "a quiz explains every answer"
    expect(tried.locator("reading-page[data-view=review]")).to_be_visible()
    expect(tried.get_by_role("button", name="Object")).to_have_count(0)
    read_review(tried)
    for _ in range(3):
        if answer_page(tried):
            read_review(tried)
    expect(tried.locator("reading-page[data-view=ending]")).to_be_visible()
    context.close()


def answer_page(page: Page) -> bool:
    """ "Healthy" for every image of a fresh page; whether that is talked about afterwards."""
    expect(page.locator("reading-page[data-view=judging]")).to_be_visible()
    expect(page.locator(".dot[data-mark=answered]")).to_have_count(0)
    for _ in range(page.locator(".dot").count() - 1):
        answer(page)
        page.keyboard.press("Enter")
    answer(page)
    with page.expect_response("**/preview/submission") as answered:
        page.keyboard.press("Enter")
    return bool(answered.value.json()["feedback"])


def answer(page: Page) -> None:
    expect(page.locator("x-ray[data-state=loaded]").first).to_be_visible()
    page.keyboard.press("1")


def read_review(page: Page) -> None:
    expect(page.locator("reading-page[data-view=review]")).to_be_visible()
    while page.locator("reading-page[data-view=review]").count():
        page.locator(".steps .button.primary").click()
