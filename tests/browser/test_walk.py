"""The whole way in a real browser: olga launches a job, lena judges, olga gets results."""

import csv
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS, Server, served
from tests.conftest import write_images, write_table

ROWS, LABELLED = 30, 12
TRUTHS = """
    select json_extract(unit.given, '$.finding') from store_page page, json_each(page.units) place
    join store_unit unit on unit.id = place.value where page.state = 'open' order by place.key
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """The whole way begins with a server's first start."""
    with served(tmp_path, first_start=True) as server:
        yield server


@pytest.fixture
def page(chromium: Browser) -> Page:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    opened = context.new_page()
    opened.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
    return opened


def truths(server: Server) -> list[str | None]:
    """What the open page's places stand for: known to the store alone."""
    with sqlite3.connect(server.home / "overread.sqlite3") as store:
        return [row[0] for row in store.execute(TRUTHS)]


def answer_page(page: Page, known: list[str | None], *, miss: bool = False) -> None:
    """By keyboard: right on test questions (but the first, where told to), healthy on work."""
    with page.expect_response("**/submission") as answered:
        for truth in known:
            expect(page.locator("x-ray[data-state=loaded]").first).to_be_visible()
            key = "2" if truth == "pneumonia" else "1"
            if truth is not None and miss:
                key, miss = {"1": "2", "2": "1"}[key], False
            page.keyboard.press(key)
            if key == "2":
                page.keyboard.press("1")
            page.keyboard.press("Enter")
    assert answered.value.ok


def through_review(page: Page) -> None:
    """Enter leads through the reasons and on to the first page of work."""
    expect(page.locator("reading-page")).to_have_attribute("data-view", "review")
    while page.locator("reading-page[data-view=review]").count():
        page.keyboard.press("Enter")  # at first it is deaf to Enter
    expect(page.locator("reading-page")).to_have_attribute("data-view", "judging")


def make_job(server: Server, page: Page, folder: Path) -> str:
    """Olga's way: template, upload, test questions, launch. The job's id."""
    table = write_table(folder / "table.csv", ROWS, LABELLED)
    images = sorted(write_images(folder / "images", ROWS - 1).iterdir())
    page.goto(server.owner())
    expect(page.get_by_role("heading", name="Your first job")).to_be_visible()
    page.get_by_label("Title").fill("Lungs of May")
    page.get_by_role("button", name="Make the job").click()
    page.locator("input[name=table]").set_input_files(table)
    page.locator("input[name=images]").first.set_input_files(images)
    page.get_by_role("button", name="Look at the files").click()
    page.get_by_role("button", name="Take in 30 rows").click()
    expect(page.get_by_text("30 rows, images in “image”, 29 loaded.")).to_be_visible()
    expect(page.get_by_text("12 labelled: 6 Healthy, 6 Signs of pneumonia.")).to_be_visible()
    expect(page.get_by_text("There is no image file called scan-29.png").first).to_be_visible()
    job = re.search(r"/jobs/(\d+)/", page.url)
    assert job is not None
    page.get_by_role("link", name=re.compile("^Quality")).click()
    page.get_by_role("button", name="Make all 12").click()
    expect(page.get_by_text(re.compile("12 test questions")).first).to_be_visible()
    # Two misses of some twelve: by accuracy alone lena stays.
    assert server.run("job", "settings", job[1], "--removal-rule", "accuracy").returncode == 0
    page.get_by_role("link", name=re.compile("^Launch")).click()
    page.get_by_role("button", name=re.compile("^Launch all")).click()
    expect(page.get_by_text("running").first).to_be_visible()
    return job[1]


def test_from_a_table_to_results(
    server: Server, page: Page, chromium: Browser, tmp_path: Path
) -> None:
    job = make_job(server, page, tmp_path)
    [address] = server.invitations(job)
    lena = chromium.new_page()
    judge(server, lena, address)

    page.goto(f"{server.address}/jobs/{job}/results")
    with page.expect_download() as report:
        page.get_by_role("link", name="aggregated.csv").click()
    rows = list(csv.DictReader(Path(report.value.path()).read_text().splitlines()))
    assert sum(int(row["_trusted_judgments"]) for row in rows) == 15
    page.get_by_role("button", name="Build a data set").click()
    with page.expect_download(timeout=2 * PATIENCE_MS) as data_set:
        page.get_by_role("link", name="Data set 1 (zip)").click(timeout=2 * PATIENCE_MS)
    with zipfile.ZipFile(data_set.value.path()) as archive:
        names = archive.namelist()
    assert any(name.endswith("metadata.csv") for name in names)
    assert any("/healthy/" in name or name.startswith("train/") for name in names)


def judge(server: Server, lena: Page, address: str) -> None:
    """Lena's way: what to expect, instructions, a quiz with a miss, a page, a missed test."""
    lena.goto(address)
    expect(lena.get_by_text("First come 5 images whose answer is known")).to_be_visible()
    lena.get_by_role("link", name="Join and read the instructions").click()
    expect(lena.get_by_role("heading", name="Rules & Tips")).to_be_visible()
    lena.get_by_role("link", name="Start the quiz").click()
    expect(lena.locator("x-ray[data-state=loaded]").first).to_be_visible()
    answer_page(lena, truths(server), miss=True)
    expect(lena.get_by_text("You passed the quiz")).to_be_visible()
    expect(lena.get_by_text("4 of 5 right")).to_be_visible()
    through_review(lena)

    lena.reload()
    answer_page(lena, truths(server))
    expect(lena.get_by_text("Page saved")).to_be_visible()
    expect(lena.get_by_role("heading", name="Image 1 of 5")).to_be_visible()
    answer_page(lena, truths(server), miss=True)
    expect(lena.locator(".verdict-missed")).to_be_visible()
    expect(lena.get_by_text(re.compile("signs of pneumonia"))).not_to_have_count(0)


def test_the_image_is_the_largest_thing_on_the_judging_page(
    server: Server, page: Page, tmp_path: Path
) -> None:
    job = make_job(server, page, tmp_path)
    [address] = server.invitations(job)
    page.goto(address)
    for width, height, share in ((1440, 900, 0.7), (1024, 768, 0.6), (390, 844, 0.35)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{server.address}/work/{job}")
        box = page.locator("x-ray").first.bounding_box()
        assert box is not None
        assert box["width"] * box["height"] > share * width * height
