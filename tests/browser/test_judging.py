"""What a contributor meets beside the straight way: a lost connection, practice, a failed quiz."""

import json
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import PATIENCE_MS, Server
from tests.browser.test_walk import truths
from tests.conftest import write_images, write_table

ROWS, LABELLED = 24, 14
SAFE = "Your answers are safe in this browser"
OTHER = {"1": "2", "2": "1"}

# A job's id and the page of a contributor who has just been invited to it.
Opened = tuple[str, Page]


@pytest.fixture
def opened(server: Server, chromium: Browser, tmp_path: Path) -> Callable[..., Opened]:
    """Launches a job with settings of its own and opens lena's reading page."""
    table = write_table(tmp_path / "table.csv", ROWS, LABELLED)
    images = write_images(tmp_path / "images", ROWS)

    def open_(**settings: object) -> Opened:
        made = server.run("job", "create", table, "--images", images)
        job = made.stdout.split()[-1]
        change(server, job, {"removal_rule": "accuracy", **settings})
        assert server.run("job", "launch", job).returncode == 0
        context = chromium.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(PATIENCE_MS)
        lena = context.new_page()
        lena.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
        lena.goto(server.invitations(job)[0])
        lena.goto(f"{server.address}/work/{job}")
        return job, lena

    return open_


def change(server: Server, job: str, settings: dict[str, object]) -> None:
    """As an owner's form would, before the launch."""
    with sqlite3.connect(server.home / "overread.sqlite3") as store:
        for column, value in settings.items():
            store.execute(f"update store_job set {column} = ? where id = ?", (value, job))
        store.execute("update store_job set revision = revision + 1 where id = ?", (job,))


def judgments(server: Server) -> int:
    with sqlite3.connect(server.home / "overread.sqlite3") as store:
        found: int = store.execute("select count(*) from store_judgment").fetchone()[0]
    return found


def fill(page: Page, server: Server, *, miss: int = 0) -> None:
    """Answers the open page by keyboard, up to the last Enter; wrong on the first `miss`."""
    view(page, "judging")
    known = truths(server)
    for number, truth in enumerate(known):
        expect(page.locator("x-ray[data-state=loaded]").first).to_be_visible()
        key = "2" if truth == "pneumonia" else "1"
        if truth is not None and miss:
            key, miss = OTHER[key], miss - 1
        page.keyboard.press(key)
        if key == "2":
            page.keyboard.press("1")
        if number < len(known) - 1:
            page.keyboard.press("Enter")


def submit(page: Page) -> None:
    with page.expect_response("**/submission") as answered:
        page.keyboard.press("Enter")
    assert answered.value.ok


def view(page: Page, name: str) -> None:
    expect(page.locator("reading-page")).to_have_attribute("data-view", name)


def through_review(page: Page) -> None:
    """On to what follows the review."""
    view(page, "review")
    onwards = page.locator("reading-page[data-view=review] .steps .button.primary")
    while onwards.count():
        # Looked for and pressed at once: between the two the review may have ended.
        onwards.evaluate_all("found => found.forEach(one => one.click())")


def unreachable(route: Route) -> None:
    route.abort("connectionfailed")


def test_a_page_submitted_without_a_connection_is_sent_when_it_is_back(
    server: Server, opened: Callable[..., Opened]
) -> None:
    _, lena = opened()
    fill(lena, server)
    lena.context.set_offline(True)
    lena.keyboard.press("Enter")
    expect(lena.get_by_role("heading", name=SAFE)).to_be_focused()
    expect(lena.get_by_text("The server can't be reached.")).to_be_visible()
    assert judgments(server) == 0
    with lena.expect_response("**/submission") as answered:
        lena.context.set_offline(False)
    assert answered.value.ok
    expect(lena.get_by_text("You passed the quiz")).to_be_visible()
    assert judgments(server) == 5


def test_answers_that_were_not_sent_survive_a_reload_and_a_closed_tab(
    server: Server, opened: Callable[..., Opened]
) -> None:
    job, lena = opened()
    lena.context.route("**/submission", unreachable)
    fill(lena, server, miss=1)
    lena.keyboard.press("Enter")
    expect(lena.get_by_role("heading", name=SAFE)).to_be_visible()
    lena.reload()
    expect(lena.get_by_role("heading", name=SAFE)).to_be_visible()
    lena.close()
    lena.context.unroute("**/submission")

    later = lena.context.new_page()
    with later.expect_response("**/submission") as answered:
        later.goto(f"{server.address}/work/{job}")
    assert answered.value.ok
    expect(later.get_by_text("4 of 5 right")).to_be_visible()
    expect(later.locator(".comparison .your-answer").first).not_to_have_text("no answer")
    assert judgments(server) == 5
    later.reload()
    view(later, "judging")
    assert judgments(server) == 5


def test_a_page_that_the_server_could_not_store_is_sent_again(
    server: Server, opened: Callable[..., Opened]
) -> None:
    _, lena = opened()
    refusals = [json.dumps({"error": {"code": "storage", "message": "full"}}), "<h1>Bad gateway"]

    def full(route: Route) -> None:
        if refusals:
            route.fulfill(status=503, body=refusals.pop())
        else:
            route.continue_()

    lena.route("**/submission", full)
    fill(lena, server)
    lena.keyboard.press("Enter")
    expect(lena.get_by_text("The server had a problem.")).to_be_visible()
    lena.keyboard.press("Enter")
    expect(lena.get_by_text("You passed the quiz")).to_be_visible()
    assert judgments(server) == 5


def test_answers_that_the_server_refuses_are_pointed_at_and_kept(
    server: Server, opened: Callable[..., Opened]
) -> None:
    _, lena = opened()
    problem = {"place": 2, "question": "finding", "message": "This answer was not offered."}
    refusal = {"code": "invalid answers", "message": "Not saved.", "problems": [problem]}
    lena.route(
        "**/submission",
        lambda route: route.fulfill(status=422, json={"error": refusal}),
        times=1,
    )
    fill(lena, server)
    lena.keyboard.press("Enter")
    expect(lena.get_by_role("heading", name="Image 3 of 5")).to_be_visible()
    expect(lena.get_by_role("alert")).to_contain_text("This answer was not offered.")
    expect(lena.locator(".dot[data-mark=answered]")).to_have_count(5)
    lena.keyboard.press("Enter")
    lena.keyboard.press("Enter")
    submit(lena)
    assert judgments(server) == 5


def test_a_page_that_expired_leads_to_a_new_one(
    server: Server, opened: Callable[..., Opened]
) -> None:
    _, lena = opened()
    fill(lena, server)
    with sqlite3.connect(server.home / "overread.sqlite3") as store:
        store.execute("update store_page set state = 'expired'")
    with lena.expect_response("**/submission") as answered:
        lena.keyboard.press("Enter")
    assert answered.value.status == 409
    with lena.expect_response("**/page"):
        lena.get_by_role("button", name="Take a new page").press("Enter")
    expect(lena.locator(".dot[data-mark=answered]")).to_have_count(0)
    view(lena, "judging")


def test_images_that_had_gone_to_others_are_mentioned(
    server: Server, opened: Callable[..., Opened]
) -> None:
    _, lena = opened()

    def late(route: Route) -> None:
        reply = route.fetch()
        route.fulfill(response=reply, json={**reply.json(), "late": 2})

    lena.route("**/submission", late)
    fill(lena, server)
    submit(lena)
    expect(lena.get_by_text("Images that had gone to others meanwhile: 2.")).to_be_visible()


def test_nobody_sends_what_another_contributor_left_in_the_browser(
    server: Server, opened: Callable[..., Opened]
) -> None:
    job, lena = opened()
    lena.context.route("**/submission", unreachable)
    fill(lena, server)
    lena.keyboard.press("Enter")
    expect(lena.get_by_role("heading", name=SAFE)).to_be_visible()
    lena.context.unroute("**/submission")
    lena.goto("about:blank")
    lena.context.clear_cookies()

    rafael = lena.context.new_page()
    rafael.goto(server.invitations(job)[0])
    rafael.goto(f"{server.address}/work/{job}")
    view(rafael, "judging")
    assert judgments(server) == 0


def test_a_second_tab_shows_the_same_page_with_the_same_answers(
    server: Server, opened: Callable[..., Opened]
) -> None:
    job, lena = opened()
    second = lena.context.new_page()
    second.goto(f"{server.address}/work/{job}")
    expect(second.get_by_role("heading", name="Image 1 of 5")).to_be_visible()
    fill(lena, server)
    expect(second.locator(".dot[data-mark=answered]")).to_have_count(5)
    submit(lena)
    expect(lena.get_by_text("You passed the quiz")).to_be_visible()
    expect(second.get_by_text("You passed the quiz")).to_be_visible()
    assert judgments(server) == 5


def test_a_page_can_not_be_submitted_sooner_than_the_owner_wants(
    server: Server, opened: Callable[..., Opened]
) -> None:
    _, lena = opened(minimum_page_seconds=50)
    submit_button = lena.get_by_role("button", name=re.compile("Submit page"))
    expect(submit_button).to_have_text(re.compile(r"in \d+ s"))
    fill(lena, server)
    lena.keyboard.press("Enter")
    expect(lena.get_by_text("Please take another look")).to_be_visible()
    assert judgments(server) == 0

    # A browser whose clock ran ahead is told by the server, and counts down again.
    lena.add_init_script("""
        const key = Object.keys(localStorage).find((one) => one.startsWith("overread:page:"));
        const stored = JSON.parse(localStorage.getItem(key));
        localStorage.setItem(key, JSON.stringify({ ...stored, at: stored.at - 60000 }));
    """)
    lena.reload()
    expect(lena.locator("x-ray[data-state=loaded]").first).to_be_visible()
    with lena.expect_response("**/submission") as answered:
        lena.keyboard.press("Enter")
    assert answered.value.status == 409
    expect(lena.get_by_text("Look at the images a little longer")).to_be_visible()
    expect(lena.locator(".dot[data-mark=answered]")).to_have_count(5)
    expect(lena.locator(".countdown")).to_be_hidden()
    submit(lena)
    expect(lena.get_by_text("You passed the quiz")).to_be_visible()


def test_practice_is_marked_as_such_and_leads_to_the_quiz(
    server: Server, opened: Callable[..., Opened]
) -> None:
    _, lena = opened(practice_length=2)
    expect(lena.locator(".mode-mark")).to_have_text("Practice: this does not count")
    expect(lena.get_by_role("heading", name="Image 1 of 2")).to_be_visible()
    fill(lena, server, miss=2)
    submit(lena)
    expect(lena.get_by_text("0 of 2 right, and none of it counts.")).to_be_visible()
    expect(lena.locator(".verdict-missed")).to_be_visible()
    through_review(lena)
    expect(lena.get_by_role("heading", name="Image 1 of 5")).to_be_visible()
    expect(lena.locator(".mode-mark")).to_have_count(0)
    expect(lena.get_by_text(re.compile("5 images, .* right to pass"))).to_be_visible()


def test_a_failed_quiz_says_why_and_is_taken_again_where_that_is_allowed(
    server: Server, opened: Callable[..., Opened]
) -> None:
    _, lena = opened(quiz_retakes=1)
    fill(lena, server, miss=4)
    submit(lena)
    through_review(lena)
    expect(lena.get_by_role("heading", name="The quiz was not passed")).to_be_focused()
    expect(lena.get_by_text("20% of your answers in the quiz were right")).to_be_visible()
    with lena.expect_request("**/page") as asked:
        lena.get_by_role("button", name="Take the quiz again with new images").press("Enter")
    assert asked.value.post_data_json == {"retake": True}
    view(lena, "judging")

    fill(lena, server, miss=5)
    submit(lena)
    through_review(lena)
    expect(lena.get_by_text("It can't be taken again")).to_be_visible()
    expect(lena.get_by_role("button", name="Take the quiz again")).to_have_count(0)


def test_an_objection_is_written_and_sent_by_keyboard(
    server: Server, opened: Callable[..., Opened]
) -> None:
    _, lena = opened()
    fill(lena, server, miss=1)
    submit(lena)
    view(lena, "review")
    text = lena.get_by_label("Why do you think that your answer is right?")
    lena.keyboard.press("o")
    expect(text).to_be_focused()
    lena.keyboard.press("Escape")
    expect(lena.get_by_role("button", name="Object")).to_be_focused()
    lena.keyboard.press("Enter")
    lena.keyboard.type("I see 1 opacity near the heart; image moves, on i?")
    expect(text).to_have_value("I see 1 opacity near the heart; image moves, on i?")
    view(lena, "review")
    expect(lena.locator("#instructions")).to_be_hidden()
    lena.keyboard.press("Tab")
    with lena.expect_response("**/contest") as answered:
        lena.keyboard.press("Enter")
    assert answered.value.ok
    expect(lena.get_by_text("You will have an answer by")).to_be_focused()
    expect(lena.get_by_role("link", name="Your objections and the answers")).to_be_visible()


def test_the_place_of_a_reason_is_marked_on_the_image_and_follows_it(
    server: Server, opened: Callable[..., Opened]
) -> None:
    job, lena = opened()
    places = json.dumps({"finding": [{"x": 0.25, "y": 0.5, "width": 0.25, "height": 0.25}]})
    with sqlite3.connect(server.home / "overread.sqlite3") as store:
        store.execute("update store_testquestionversion set places = ?", (places,))
    change(server, job, {})
    fill(lena, server, miss=1)
    submit(lena)
    mark = lena.locator(".x-ray-places .line")
    expect(mark).to_be_visible()
    lena.keyboard.press("z")
    quarter = 0.25 * 24  # of the picture's 24 pixels, one on one
    lena.wait_for_function(
        "width => Math.abs(document.querySelector('.x-ray-places .line')"
        ".getBoundingClientRect().width - width) < 1",
        arg=quarter,
    )
    canvas, box = lena.locator("x-ray canvas").bounding_box(), mark.bounding_box()
    assert canvas
    assert box
    assert box["x"] == pytest.approx(canvas["x"] + canvas["width"] / 2 - quarter, abs=1)
    assert box["y"] == pytest.approx(canvas["y"] + canvas["height"] / 2, abs=1)
    lena.keyboard.press("m")
    expect(mark).to_be_hidden()
    lena.keyboard.press("m")
    expect(mark).to_be_visible()


def test_a_question_about_an_image_goes_to_the_owner(
    server: Server, opened: Callable[..., Opened]
) -> None:
    _, lena = opened(discussion=True)
    expect(lena.locator("x-ray[data-state=loaded]").first).to_be_visible()
    lena.get_by_role("button", name="Ask about this image").press("Enter")
    expect(lena.get_by_label("Your question")).to_be_focused()
    lena.keyboard.type("Is 1 arm in the way?")
    with lena.expect_response("**/remarks") as answered:
        lena.keyboard.press("Control+Enter")
    assert answered.value.ok
    expect(lena.locator(".remark-you")).to_contain_text("Is 1 arm in the way?")
    expect(lena.locator("[aria-pressed=true][data-answer]")).to_have_count(0)
    lena.keyboard.press("Escape")
    expect(lena.get_by_role("button", name="Ask about this image")).to_be_focused()


def test_the_owners_new_answers_are_pointed_at(
    server: Server, opened: Callable[..., Opened]
) -> None:
    job, lena = opened()

    def answered(route: Route) -> None:
        shell = route.fetch()
        route.fulfill(response=shell, body=told(shell.text()))

    lena.route(f"**/work/{job}", answered)
    lena.reload()
    expect(lena.locator(".answered")).to_contain_text("that you have not seen: 2.")
    link = lena.get_by_role("link", name="Your objections and the answers")
    expect(link).to_have_attribute("href", f"/work/{job}/objections")


def told(shell: str) -> str:
    """The shell as it comes when two objections were answered."""
    answered, count = re.subn(r'"answered": \d+', '"answered": 2', shell)
    assert count == 1
    return answered


def test_a_removed_contributor_is_told_why_and_what_remains(
    server: Server, opened: Callable[..., Opened]
) -> None:
    _, lena = opened(quiz_length=5, units_per_page=6, test_questions_per_page=5)
    fill(lena, server)
    submit(lena)
    through_review(lena)
    view(lena, "judging")
    fill(lena, server, miss=5)
    submit(lena)
    through_review(lena)
    expect(lena.get_by_role("heading", name="Your work on this job has ended")).to_be_focused()
    expect(lena.get_by_text("50%")).not_to_have_count(0)
    expect(lena.get_by_text("What you did is kept and is not counted")).to_be_visible()
