"""A new owner's way to a launched job: as the how-to tells it, and from an empty page."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS, Server, served
from tests.browser.olga import Olga
from tests.conftest import write_images, write_table
from tests.shared_data import shared_data

ROOT = Path(__file__).parents[2]
HOW_TO, README = ROOT / "docs" / "how-to" / "first-job.md", ROOT / "README.md"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("first-job")) as server:
        yield server


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    opened = context.new_page()
    opened.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
    yield opened
    context.close()


def test_the_missions_table_is_launched_with_the_clicks_that_the_how_to_counts(
    server: Server, page: Page
) -> None:
    table = shared_data("udacity", "xray_image_data.csv")
    images = sorted(shared_data("udacity", "images", "224").iterdir())
    page.goto(server.owner())
    olga = Olga(page)
    olga.click(olga.button("Make the job"))
    olga.choose("Table (CSV, Excel, JSON, Parquet)", [table])
    olga.choose("Images, a zip or a tar", images)
    olga.click(olga.button("Look at the files"))
    olga.sees("114 images found, 3 missing")
    olga.click(olga.button("Take in 117 rows"))
    olga.sees("16 labelled: 8 Healthy, 8 Signs of pneumonia")
    olga.click(olga.button("Make test questions"))
    olga.click(olga.button("Launch all 98 rows"))
    olga.sees("The job is running")
    assert f"**{olga.presses} clicks, {olga.fields} typed fields**" in HOW_TO.read_text()
    assert f"to a launched job in {olga.presses} clicks" in README.read_text()


def test_the_missions_job_is_designed_from_an_empty_page_by_keyboard(
    server: Server, chromium: Browser, page: Page, tmp_path: Path
) -> None:
    page.goto(server.owner())
    page.goto(f"{server.address}/jobs/new")
    olga = Olga(page)
    olga.press(page.get_by_role("radio", name="Your own questions"), "Space")
    title = page.get_by_label("Title")
    olga.type(title, "Pneumonia in children")
    olga.press(title)
    ask(olga)
    instruct(olga)
    upload(olga, tmp_path)
    for row, caption in ((1, "Clear lungs."), (2, "A cloud at the heart.")):
        show(olga, row, caption)
    olga.press(olga.button("Make test questions"))
    olga.sees("10 test questions")
    expect(page.locator("#checks .mark.wrong")).to_have_count(0)
    olga.press(olga.button("Launch all 18 rows"))
    olga.sees("The job is running")
    is_as_designed(server, chromium, re.findall(r"/jobs/(\d+)/", page.url)[0])


def ask(olga: Olga) -> None:
    """Her question instead of the template's, with the answers that the labels mean."""
    page = olga.page
    olga.press(olga.link("Design"))
    olga.press(page.locator("summary.design-head").first)
    olga.type(page.get_by_label("Question", exact=True), "Are there signs of pneumonia?")
    for number, label in enumerate(("Healthy", "Pneumonia", "Unsure"), 1):
        olga.type(page.get_by_role("textbox", name=f"Answer {number}", exact=True), label)
    preview = page.get_by_role("region", name="As contributors see it")
    expect(preview.get_by_role("button", name="Pneumonia")).to_be_visible()
    olga.press(olga.button("Save the questions"))
    olga.sees("Saved: design version 2")


def instruct(olga: Olga) -> None:
    olga.page.reload()
    for part, text in {
        "Overview": "Say of each chest X-ray whether it shows signs of pneumonia.",
        "Steps": "1. Compare the two lungs.\n2. Choose an answer.",
        "Rules & Tips": "- **Healthy**: the lungs are clear.\n- **Pneumonia**: a white cloud.",
        "Examples": "One for each answer.",
    }.items():
        olga.type(olga.page.get_by_role("textbox", name=part, exact=True), text)
    olga.press(olga.button("Save$"))
    expect(olga.page.locator("#prose-rules strong").first).to_have_text("Healthy")


def upload(olga: Olga, folder: Path) -> None:
    olga.press(olga.link("Data"))
    olga.choose("Table (CSV, Excel, JSON, Parquet)", [write_table(folder / "table.csv", 30, 12)])
    olga.choose(
        "Images, a zip or a tar", sorted(write_images(folder / "images", 30, seed=9).iterdir())
    )
    olga.press(olga.button("Look at the files"))
    olga.press(olga.button("Take in 30 rows"))
    olga.sees("12 labelled: 6 Healthy, 6 Pneumonia")


def show(olga: Olga, row: int, caption: str) -> None:
    """A row of the table as an example, with a place on it; its label is the answer."""
    page = olga.page
    olga.press(olga.link("Design"))
    olga.press(olga.link("Add an example"))
    olga.press(olga.link(f"Row {row} "))
    olga.type(page.get_by_label("Caption"), caption)
    for side, share in (("Left", "60"), ("Top", "50"), ("Width", "20"), ("Height", "15")):
        olga.type(page.get_by_label(side, exact=True).last, share)
    olga.press(olga.button("Save$"))
    olga.sees(caption)


def is_as_designed(server: Server, chromium: Browser, job: str) -> None:
    """What a contributor reads, sees and is asked."""
    lena = chromium.new_page()
    lena.goto(server.invitations(job)[0])
    lena.get_by_role("link", name="Join and read the instructions").click()
    expect(lena.get_by_text("Compare the two lungs.")).to_be_visible()
    expect(lena.locator(".example-picture img")).to_have_count(2)
    expect(lena.locator(".example-picture rect")).to_have_count(2)
    lena.get_by_role("link", name="Start the quiz").click()
    expect(lena.locator("x-ray[data-state=loaded]").first).to_be_visible()
    expect(lena.get_by_text("Are there signs of pneumonia?").first).to_be_visible()
    expect(lena.get_by_role("button", name="Pneumonia")).to_be_visible()
    lena.close()
