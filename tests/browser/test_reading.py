"""The reading page's own tools: marks, reports, keys, undo."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import PATIENCE_MS, Server
from tests.browser.looking import serious
from tests.conftest import write_images, write_table

MARKS = {
    "type": "marks",
    "name": "places",
    "label": "Mark what you see",
    "required": False,
    "kinds": ["box", "polygon", "dot", "line"],
    "labels": [
        {"value": "opacity", "label": "Opacity", "key": "q"},
        {"value": "tube", "label": "Tube", "key": "k"},
    ],
}


@pytest.fixture
def lena(server: Server, chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    """Lena's reading page in a job without test questions that also asks for marks."""
    table = write_table(tmp_path / "table.csv", 12, 0)
    images = write_images(tmp_path / "images", 12)
    job = server.run("job", "create", table, "--images", images).stdout.split()[-1]
    with store(server) as found:
        [text] = found.execute("select document from store_designversion").fetchone()
        design = json.loads(text)
        design["nodes"].append(MARKS)
        [unit] = found.execute("select id from store_unit where number = 1").fetchone()
        design["examples"] = [{"unit": unit, "group": "typical", "caption": "A clear lung"}]
        found.execute("update store_unit set state = 'withdrawn' where id = ?", (unit,))
        found.execute("update store_designversion set document = ?", (json.dumps(design),))
    assert server.run("job", "launch", job).returncode == 0
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
    page.goto(server.invitations(job)[0])
    page.goto(f"{server.address}/work/{job}")
    expect(page.locator("x-ray[data-state=loaded]")).to_be_visible()
    yield page
    context.close()


def store(server: Server) -> sqlite3.Connection:
    return sqlite3.connect(server.home / "overread.sqlite3")


def answers(server: Server) -> list[dict[str, Any]]:
    with store(server) as found:
        rows = found.execute("select answers from store_judgment order by id").fetchall()
    return [json.loads(row[0]) for row in rows]


def at(page: Page, x: float, y: float, film: str = "x-ray") -> tuple[float, float]:
    """Where a point of the image, in its own pixels, is on the screen."""
    found = page.evaluate(
        """([x, y, shown]) => {
          const film = document.querySelector(shown);
          const [a, b, c, d, e, f] = film.display.placement;
          const box = film.display.canvas.getBoundingClientRect();
          return [box.x + a * x + c * y + e, box.y + b * x + d * y + f];
        }""",
        [x, y, film],
    )
    return found[0], found[1]


def drag(page: Page, *points: tuple[float, float]) -> None:
    page.mouse.move(*at(page, *points[0]))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*at(page, *point), steps=3)
    page.mouse.up()


def finish(page: Page) -> None:
    """Answers what is open on the page and submits it."""
    for number in range(page.locator(".dot").count()):
        page.locator(".dot").nth(number).click()
        if page.locator(".dropped").is_hidden():
            page.keyboard.press("1")
    with page.expect_response("**/submission") as answered:
        page.get_by_role("button", name="Submit page").click()
    assert answered.value.ok, answered.value.text()


def points(mark: dict[str, Any]) -> list[Any]:
    return [pytest.approx(point, abs=0.5) for point in mark["points"]]


def test_marks_are_drawn_moved_resized_undone_and_stored_in_pixels_of_the_image(
    server: Server, lena: Page
) -> None:
    lena.get_by_role("button", name="Draw a box").click()
    drag(lena, (4, 3), (10, 9))
    expect(lena.locator(".marks-list li")).to_have_text(["1 box: Opacity"])
    drag(lena, (10, 9), (14, 12))  # the handle at its corner
    lena.get_by_role("button", name="Set a dot").click()
    lena.keyboard.press("k")
    lena.mouse.click(*at(lena, 20.25, 15.75))
    expect(lena.locator(".marks-list li")).to_have_text(["1 box: Opacity", "2 dot: Tube"])
    lena.keyboard.press("Control+z")
    expect(lena.locator(".marks-list li")).to_have_count(1)
    lena.keyboard.press("Control+Shift+z")
    expect(lena.locator(".marks-list li")).to_have_count(2)
    lena.reload()
    expect(lena.locator(".marks-list li")).to_have_text(["1 box: Opacity", "2 dot: Tube"])
    finish(lena)
    box, dot = answers(server)[0]["places"]
    assert (box["kind"], box["label"], dot["kind"], dot["label"]) == (
        "box", "opacity", "dot", "tube",
    )  # fmt: skip
    assert points(box) == [[4, 3], [14, 12]]
    assert points(dot) == [[20.25, 15.75]]


def test_marks_are_drawn_moved_and_deleted_by_keyboard_alone(server: Server, lena: Page) -> None:
    lena.get_by_role("button", name="Draw an outline").press("Enter")
    expect(lena.locator("x-ray canvas")).to_be_focused()
    for key in ("ArrowLeft", "Enter", "ArrowRight", "ArrowRight", "Enter", "ArrowDown", "Enter"):
        lena.keyboard.press(key)
    lena.keyboard.press("Enter")
    expect(lena.locator(".marks-list li")).to_have_text(["1 outline: Opacity"])
    lena.get_by_role("button", name="1 outline: Opacity", exact=True).press("Enter")
    before = lena.evaluate("document.querySelector('x-ray').pen.marks[0].points[0][0]")
    lena.keyboard.press("ArrowRight")
    after = lena.evaluate("document.querySelector('x-ray').pen.marks[0].points[0][0]")
    assert after > before
    lena.keyboard.press("Delete")
    expect(lena.locator(".marks-list li")).to_have_count(0)


def test_a_name_on_the_image_is_reported_by_two_keys_and_nobody_sees_it_again(
    server: Server, lena: Page
) -> None:
    source = lena.locator("x-ray").get_attribute("src")
    lena.keyboard.press("w")
    expect(lena.get_by_role("heading", name="Something is wrong with this image")).to_be_visible()
    with lena.expect_response("**/report") as answered:
        lena.keyboard.press("1")
    assert answered.value.json() == {"reported": True, "dropped": True}
    expect(lena.get_by_role("heading", name="Image 2 of 5")).to_be_visible()
    assert lena.request.get(f"{server.address}{source}").status == 404
    lena.reload()
    expect(lena.get_by_role("heading", name="Image 1 of 4")).to_be_visible()
    finish(lena)
    assert len(answers(server)) == 4
    with store(server) as found:
        assert found.execute("select state from store_unit where held is not null").fetchall() == [
            ("held",)
        ]


def test_an_image_that_cannot_be_loaded_is_reported_by_one_key(server: Server, lena: Page) -> None:
    def broken(route: Route) -> None:
        route.fulfill(body=b"no image", content_type="image/jpeg")

    lena.route("**/i/**", broken)
    lena.reload()
    expect(lena.get_by_text("This image could not be loaded. Report it")).to_be_visible()
    lena.unroute("**/i/**")
    with lena.expect_response("**/report"):
        lena.keyboard.press("w")
    expect(lena.get_by_role("heading", name="Image 2 of 5")).to_be_visible()
    lena.reload()
    expect(lena.locator("x-ray[data-state=loaded]")).to_be_visible()
    finish(lena)
    assert len(answers(server)) == 4
    with store(server) as found:
        [(held,)] = found.execute("select held from store_unit where state = 'held'").fetchall()
    assert "could not show" in json.loads(held)["problem"]["template"]


def test_keys_can_be_changed_and_switched_off(lena: Page) -> None:
    pressed = lena.locator("[data-answer][aria-pressed=true]")
    lena.keyboard.press("?")
    lena.locator("[data-action=invert]").click()
    lena.keyboard.press("j")
    expect(lena.locator("[data-action=invert]")).to_have_text("j")
    lena.keyboard.press("Escape")
    lena.keyboard.press("j")
    lena.wait_for_function("() => document.querySelector('x-ray').display.tone.inverted")
    lena.keyboard.press("1")
    expect(pressed).to_have_count(1)
    lena.keyboard.press("u")
    expect(pressed).to_have_count(0)
    lena.keyboard.press("?")
    lena.get_by_label("Switch off all keys of a single character").check()
    lena.keyboard.press("Escape")
    lena.keyboard.press("1")
    lena.keyboard.press("w")
    expect(pressed).to_have_count(0)
    expect(lena.locator("#report")).to_be_hidden()


UNITS, OFFLINE_AT = 200, (4, 9, 14)
HANDLE = "() => new URL(document.querySelector('x-ray').getAttribute('src'), location).pathname"
ANSWERED = """
    select r.handle, json_extract(j.answers, '$.finding') from store_judgment j
    join store_unitimage u on u.unit_id = j.unit_id
    join store_rendition r on r.image_id = u.image_id and r.kind = 'view'
"""


@pytest.mark.long
def test_two_hundred_units_and_three_lost_connections_leave_every_answer_where_it_belongs(
    server: Server, chromium: Browser, tmp_path: Path
) -> None:
    table = write_table(tmp_path / "table.csv", UNITS, 0)
    images = write_images(tmp_path / "images", UNITS)
    job = server.run("job", "create", table, "--images", images).stdout.split()[-1]
    server.run("job", "settings", job, "--units-per-page", "10")
    assert server.run("job", "launch", job).returncode == 0
    page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
    page.goto(server.invitations(job)[0])
    page.goto(f"{server.address}/work/{job}")
    given: dict[str, str] = {}
    for number in range(UNITS):
        place = number % 10 + 1
        expect(page.get_by_role("heading", name=f"Image {place} of 10")).to_be_visible()
        expect(page.locator("x-ray[data-state=loaded]")).to_be_visible()
        key = "13"[number * 7 % 3 % 2]
        given[page.evaluate(HANDLE).removeprefix("/i/")] = {"1": "healthy", "3": "unsure"}[key]
        page.keyboard.press(key)
        if key == "3":
            page.keyboard.press("2")
        if place == 10:
            turn(page, drop=number // 10 in OFFLINE_AT)
        else:
            page.keyboard.press("Enter")
    expect(page.locator("reading-page[data-view=ending]")).to_be_visible()
    with store(server) as found:
        stored = found.execute(ANSWERED).fetchall()
    assert len(stored) == UNITS
    assert dict(stored) == given


def turn(page: Page, *, drop: bool) -> None:
    """Submits the page; with a dropped connection, once it is back."""
    if not drop:
        with page.expect_response("**/submission"):
            page.keyboard.press("Enter")
        return
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.locator("reading-page[data-view=waiting]")).to_be_visible()
    with page.expect_response("**/submission"):
        page.context.set_offline(False)


def test_axe_finds_nothing_serious_on_the_page_its_panels_and_dialogs(lena: Page) -> None:
    assert serious(lena) == []
    lena.keyboard.press("t")
    lena.keyboard.press("w")
    assert serious(lena) == []
    lena.keyboard.press("Escape")
    lena.keyboard.press("?")
    assert serious(lena) == []
    lena.get_by_label("Light page").check()
    lena.keyboard.press("Escape")
    assert serious(lena) == []


def test_fingers_zoom_and_draw_and_so_does_a_pen(lena: Page) -> None:
    session = lena.context.new_cdp_session(lena)
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})

    def touch(kind: str, *points: tuple[float, float]) -> None:
        fingers = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    lena.get_by_role("button", name="Draw a box").click()
    touch("touchStart", at(lena, 4, 3))
    touch("touchMove", at(lena, 8, 7))
    touch("touchMove", at(lena, 10, 9))
    touch("touchEnd")
    expect(lena.locator(".marks-list li")).to_have_text(["1 box: Opacity"])
    before = lena.evaluate("document.querySelector('x-ray').display.scale")
    (x, y), (right, below) = at(lena, 8, 8), at(lena, 12, 12)
    touch("touchStart", (x, y), (right, below))
    for step in range(1, 4):
        by = 15.0 * step
        touch("touchMove", (x - by, y - by), (right + by, below + by))
    touch("touchEnd")
    after = lena.evaluate("document.querySelector('x-ray').display.scale")
    assert after > before * 1.2
    expect(lena.locator(".marks-list li")).to_have_count(1)
    lena.get_by_role("button", name="Set a dot").click()
    x, y = at(lena, 9.5, 8.5)
    for kind in ("mousePressed", "mouseReleased"):
        session.send(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1, "pointerType": "pen"},
        )
    expect(lena.locator(".marks-list li")).to_have_text(["1 box: Opacity", "2 dot: Opacity"])
    [box, dot] = lena.evaluate("document.querySelector('x-ray').pen.marks")
    assert points(box) == [[4, 3], [10, 9]]
    assert points(dot) == [[9.5, 8.5]]


@pytest.mark.parametrize(("width", "height"), [(390, 844), (844, 390), (1024, 768), (3840, 2160)])
def test_everything_is_within_reach_from_phone_to_4k(lena: Page, width: int, height: int) -> None:
    lena.set_viewport_size({"width": width, "height": height})
    film = lena.locator("x-ray canvas").bounding_box()
    assert film is not None
    assert film["width"] * film["height"] > 0.3 * width * height
    for button in ("Submit page", "Instructions", "Healthy"):
        found = lena.get_by_role("button", name=button).first
        found.scroll_into_view_if_needed()
        box = found.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert 0 <= box["y"] <= height - 24
    assert lena.evaluate("document.documentElement.scrollWidth") <= width


def test_from_right_to_left_the_arrows_and_the_panel_change_sides(lena: Page) -> None:
    lena.evaluate("document.documentElement.dir = 'rtl'")
    panel, film = (lena.locator(one).bounding_box() for one in (".panel", "x-ray canvas"))
    assert panel is not None
    assert film is not None
    assert panel["x"] + panel["width"] <= film["x"] + 1
    lena.keyboard.press("ArrowLeft")
    expect(lena.get_by_role("heading", name="Image 2 of 5")).to_be_visible()
    lena.keyboard.press("ArrowRight")
    expect(lena.get_by_role("heading", name="Image 1 of 5")).to_be_visible()
    assert lena.evaluate("document.documentElement.scrollWidth") <= 1280


def test_an_example_stands_beside_the_image_in_the_same_window(lena: Page) -> None:
    lena.keyboard.press("f")
    example = lena.locator(".comparison x-ray[data-state=loaded]")
    expect(example).to_be_visible()
    expect(lena.get_by_text("Example: A clear lung")).to_be_visible()
    for _ in range(3):
        lena.keyboard.press("b")
    lena.keyboard.press("n")
    lena.wait_for_function(
        """() => {
          const films = [...document.querySelectorAll("x-ray")];
          const [shown, example] = films.map((one) => one.display.tone);
          return shown.inverted && JSON.stringify(shown) === JSON.stringify(example);
        }"""
    )
    lena.keyboard.press("Escape")
    expect(example).to_be_hidden()
    lena.keyboard.press("i")
    lena.get_by_role("button", name="Compare with the current image").click()
    expect(example).to_be_visible()
    assert serious(lena) == []


def test_a_page_is_read_as_a_list_of_all_its_images(server: Server, lena: Page) -> None:
    lena.keyboard.press("a")
    units = lena.locator(".sheet-unit")
    expect(units.locator("x-ray[data-state=loaded]")).to_have_count(5)
    lena.keyboard.press("1")
    expect(units.nth(0)).to_contain_text("Healthy")
    units.nth(2).locator("canvas").click()
    expect(lena.get_by_role("heading", name="Image 3 of 5")).to_be_visible()
    lena.keyboard.press("1")
    lena.keyboard.press("ArrowRight")
    lena.get_by_role("button", name="Set a dot").click()
    lena.mouse.click(*at(lena, 5, 6, ".sheet-unit[aria-current] x-ray"))
    expect(lena.locator(".marks-list li")).to_have_count(1)
    assert serious(lena) == []
    lena.reload()
    expect(units).to_have_count(5)
    expect(units.nth(0)).to_contain_text("Healthy")
    lena.locator(".dot").nth(1).click()
    lena.keyboard.press("x")
    for number in (3, 4):
        lena.locator(".dot").nth(number).click()
        lena.keyboard.press("1")
    with lena.expect_response("**/submission") as answered:
        lena.get_by_role("button", name="Submit page").click()
    assert answered.value.ok, answered.value.text()
    stored = answers(server)
    findings = [one.get("finding") for one in stored]
    assert findings == ["healthy", None, "healthy", "healthy", "healthy"]
    assert points(stored[3]["places"][0]) == [[5, 6]]


def test_a_page_begun_on_one_device_goes_on_on_another(lena: Page, chromium: Browser) -> None:
    with lena.expect_response("**/draft") as kept:
        lena.keyboard.press("1")
        lena.keyboard.press("Enter")
    assert kept.value.ok
    tablet = chromium.new_context(
        viewport={"width": 1024, "height": 768},
        storage_state={"cookies": lena.context.cookies(), "origins": []},  # type: ignore[typeddict-item]
    )
    tablet.set_default_timeout(PATIENCE_MS)
    there = tablet.new_page()
    there.goto(lena.url)
    expect(there.locator(".dot[data-mark=answered]")).to_have_count(1)
    with there.expect_response("**/draft") as kept:
        there.locator(".dot").nth(2).click()
        there.keyboard.press("1")
    assert kept.value.ok
    tablet.close()
    lena.reload()
    expect(lena.locator(".dot[data-mark=answered]")).to_have_count(2)
