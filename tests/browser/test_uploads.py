"""Olga's upload goes on after a lost connection, a reload and a restart of the server."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Server, served, wait_until

PART = 8 * 2**20


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with served(tmp_path) as made:
        yield made


def noise(path: Path, side: int, seed: int) -> Path:
    """A picture that can't be packed: its file is as large as its pixels."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side), np.uint8)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three parts: small files and one of its own."""
    for number in range(3):
        noise(tmp_path / f"set/NORMAL/{number}.png", 1050, number)
        noise(tmp_path / f"set/PNEUMONIA/{number}.png", 1050, 10 + number)
    noise(tmp_path / "set/PNEUMONIA/large.png", 3000, 20)
    return tmp_path / "set"


@pytest.fixture
def page(server: Server, chromium: Browser) -> Iterator[Page]:
    """Olga at the Data tab of a new job."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(server.owner())
    page.goto(f"{server.address}/jobs/new")
    page.get_by_role("button", name=re.compile("^Make the job|^Create")).first.click()
    expect(page).to_have_url(re.compile(r"/jobs/\d+"))
    number = re.findall(r"/jobs/(\d+)", page.url)[0]
    page.goto(f"{server.address}/jobs/{number}/data")
    yield page
    context.close()


def choose(page: Page, folder: Path) -> None:
    page.get_by_label("or a folder of images").set_input_files(folder)


def send(page: Page) -> None:
    page.locator("upload-form .actions .button.primary").click()


@contextmanager
def cut_after(page: Page, parts: int) -> Iterator[list[int]]:
    """The connection is lost once so many parts were sent; the list holds their places."""
    sent: list[int] = []

    def through(route: Route) -> None:
        request = route.request
        if len(sent) >= parts:
            route.abort("connectionreset")
            return
        if request.method == "PATCH":
            sent.append(int(request.headers["upload-offset"]))
        route.continue_()

    page.route("**/uploads/**", through)
    yield sent
    page.unroute("**/uploads/**")


def test_a_lost_connection_and_a_reload_lose_nothing(page: Page, folder: Path) -> None:
    choose(page, folder)
    expect(page.get_by_text("7 files chosen")).to_be_visible()
    with cut_after(page, 1) as sent:
        send(page)
        expect(page.get_by_text("The server can't be reached")).to_be_visible()
        assert sent == [0]
        page.reload()
    expect(
        page.get_by_text(re.compile(r"An upload of 7 files was broken off at \d+ %"))
    ).to_be_visible()
    choose(page, folder)
    with cut_after(page, 100) as sent:
        send(page)
        expect(page.get_by_text(re.compile(r"^7 (rows|loaded)|7 images")).first).to_be_visible()
    assert sent[0] == PART


def test_it_goes_on_by_itself(page: Page, folder: Path) -> None:
    choose(page, folder)
    with cut_after(page, 1) as sent:
        send(page)
        expect(page.get_by_text("The server can't be reached")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^7 (rows|loaded)|7 images")).first).to_be_visible()
    assert sent == [0]


def test_a_canceled_upload_leaves_nothing(page: Page, server: Server, folder: Path) -> None:
    choose(page, folder)
    with cut_after(page, 1):
        send(page)
        expect(page.get_by_text("The server can't be reached")).to_be_visible()
    page.get_by_role("button", name="Cancel the upload").click()
    expect(page.get_by_text("7 files chosen")).to_be_visible()
    wait_until(lambda: not list((server.home / "uploads/.unfinished").glob("*-*")))
