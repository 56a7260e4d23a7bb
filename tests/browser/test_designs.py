"""Designs are made in the browser and answered there: those of real jobs, and every type."""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PATIENCE_MS, Server, environment, served
from tests.browser.looking import serious
from tests.conftest import write_images, write_table
from tests.formats.cml.designs import DESIGNS

EVERY_TYPE = """<h3>Every type</h3>
<cml:radios label="Ill?" name="ill" validates="required"><cml:radio label="No"/><cml:radio label="Yes"/></cml:radios>
<cml:group only-if="ill:[yes]"><p>Since it is ill:</p>
<cml:checkbox label="Both sides?" name="both_sides" value="both" default="one"/>
<cml:select label="Which part?" name="part" validates="required"><cml:option label="Upper"/><cml:option label="Lower"/></cml:select>
<cml:ratings label="How sure?" name="sure" validates="required"><cml:rating label="hardly" value="0"/><cml:rating label="quite" value="1"/></cml:ratings>
<cml:text label="How many?" name="many" validates="required integerRange:{min:1,max:9}"/>
<cml:textarea label="Why?" name="why" validates="minLength:3"/>
</cml:group>
<cml:derived label="So" name="conclusion"><cml:radio label="Serious"/><cml:radio label="Not serious"/><cml:rule value="serious" only-if="both_sides"/><cml:rule value="not_serious"/></cml:derived>
<cml:hidden name="form" value="2"/>
"""  # noqa: E501
JOINED = """<cml:radios name="ill" label="Ill?" validates="required">
  <cml:radio label="No"/><cml:radio label="Yes"/><cml:radio label="Unsure"/></cml:radios>
<cml:checkbox name="both" label="Both sides?" gold="false"/>
<cml:text name="why" label="Why?" only-if="ill:[yes]++both||ill:[unsure]"/>
<cml:derived name="so" label="So"><cml:radio label="Serious"/><cml:radio label="Harmless"/>
<cml:rule value="serious" only-if="both"/></cml:derived>
"""
SHARP = """<cml:radios label="Sharp?" name="sharp" validates="required"><cml:radio label="No"/><cml:radio label="Yes"/></cml:radios>"""  # noqa: E501
TWO_DRAWN = f"""<cml:shapes label="Box the heart" name="heart" type="['box']" validates="required"/>
<cml:shapes label="Box the lungs" name="lungs" type="['box']" validates="required"/>
{SHARP}
"""
REVIEWED = f"""<cml:shapes label="Box the heart" name="heart" review-data="{{{{boxes}}}}"/>
{SHARP}
"""
# Keys for one image of each design, and what the judgment then holds.
ANSWERS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "yes_no_notsure": (["1"], {"pneumonia_positive": "yes"}),
    "yes_no_unknown": (["3"], {"pneumonia_present": "unknown"}),
    "symptoms_and_rating": (
        ["1", "1", "2"],
        {"pneumonia_present": "yes", "symptoms": ["opaque", "diaphragm"]},
    ),
    "uncategorized": (["2"], {"xray_image": "normal"}),
    "confidence_level": (["2", "3"], {"pneumonia_present": "no", "confidence_level": 3}),
    "healthy_pneumonia_uncertain": (["1"], {"what_is_the_case_in_this_image": "healthy"}),
}


OTHERS = {"every_type": EVERY_TYPE, "two_drawn": TWO_DRAWN, "reviewed": REVIEWED}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all designs, each of which is a job of one image."""
    with served(tmp_path_factory.mktemp("designs")) as server:
        yield server


@pytest.fixture(scope="module")
def jobs(server: Server) -> dict[str, tuple[int, str]]:
    folder = server.home.parent / "forms"
    write_images(folder / "images", 1)
    table = write_table(folder / "table.csv", 1, 0)
    head, row = table.read_text().splitlines()
    boxes = json.dumps([{"kind": "box", "points": [[5, 5], [60, 50]]}]).replace('"', '""')
    table.write_text(f'{head},boxes\n{row},"{boxes}"\n')
    for name, text in {**DESIGNS, **OTHERS}.items():
        (folder / f"{name}.cml").write_text(text)
    seeded = Path(__file__).with_name("seeded.py")
    done = subprocess.run(
        [sys.executable, seeded, folder],
        env={**environment(server.home), "PYTHONPATH": str(seeded.parents[2] / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, tuple[int, str]] = json.loads(done.stdout)
    return found


@pytest.fixture
def opened(
    server: Server, chromium: Browser, jobs: dict[str, tuple[int, str]]
) -> Callable[[str], Page]:
    """Opens the reading page of the design of a name, as somebody who was invited."""

    def open_(name: str) -> Page:
        job, token = jobs[name]
        page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
        page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
        page.goto(f"{server.address}/join/{token}")
        page.goto(f"{server.address}/work/{job}")
        expect(page.locator("reading-page[data-view=judging]")).to_be_visible()
        return page

    return open_


def kept(server: Server) -> dict[str, Any]:
    """The answers of the last judgment."""
    with sqlite3.connect(server.home / "overread.sqlite3") as store:
        row = store.execute("select answers from store_judgment order by id desc").fetchone()
    found: dict[str, Any] = json.loads(row[0])
    return found


def submit(page: Page) -> None:
    with page.expect_response("**/submission") as answered:
        page.keyboard.press("Enter")
    assert answered.value.ok


@pytest.mark.parametrize("name", ANSWERS)
def test_a_design_of_a_real_job_is_answered_by_keyboard(
    name: str, server: Server, opened: Callable[[str], Page]
) -> None:
    keys, answers = ANSWERS[name]
    page = opened(name)
    for key in keys:
        page.keyboard.press(key)
    submit(page)
    assert kept(server) == answers


def test_a_form_of_questions_a_box_and_a_number_is_answered(
    server: Server, opened: Callable[[str], Page]
) -> None:
    page = opened("three_accuracy_questions")
    for key in ("1", "2", "1"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Yes").last.click()
    page.get_by_role("textbox", name="How many pictures like this have you seen?").fill("12")
    submit(page)
    assert kept(server) == {
        "pneumonia": "yes",
        "lungs_clear": "no",
        "whole_chest": "yes",
        "looked": "true",
        "seen": 12,
    }


def test_every_type_is_answered_and_what_follows_is_shown_and_kept(
    server: Server, opened: Callable[[str], Page]
) -> None:
    page = opened("every_type")
    expect(page.get_by_role("heading", name="Every type")).to_be_visible()
    expect(page.get_by_text("Since it is ill:")).to_be_hidden()
    expect(page.get_by_text("Not serious")).to_be_visible()
    page.keyboard.press("2")
    expect(page.get_by_text("Since it is ill:")).to_be_visible()
    page.get_by_role("group", name="Both sides?").get_by_role("button").click()
    expect(page.get_by_text("Serious", exact=True)).to_be_visible()
    page.get_by_role("combobox", name="Which part?").select_option("lower")
    page.get_by_role("button", name="1 quite").click()
    many = page.get_by_role("textbox", name="How many?")
    many.fill("10")
    many.press("Enter")
    expect(page.get_by_text("This is less or more than is asked for: How many?")).to_be_visible()
    many.fill("3")
    page.get_by_role("textbox", name="Why?").fill("Cloudy")
    page.get_by_role("textbox", name="Why?").press("Escape")
    submit(page)
    assert kept(server) == {
        "ill": "yes",
        "both_sides": "both",
        "part": "lower",
        "sure": 1,
        "many": 3,
        "why": "Cloudy",
        "conclusion": "serious",
        "form": "2",
    }


def draw(page: Page, left: float, top: float) -> None:
    """A box of a tenth of the image's height and width."""
    box = page.locator("x-ray canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * left, box["y"] + box["height"] * top
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + box["width"] / 10, y + box["height"] / 10, steps=3)
    page.mouse.up()


def test_two_questions_that_are_drawn_keep_their_marks_apart(
    server: Server, opened: Callable[[str], Page]
) -> None:
    page = opened("two_drawn")
    expect(page.locator("x-ray[data-state=loaded]")).to_be_visible()
    heart, lungs = (page.get_by_role("group", name=f"Box the {one}") for one in ("heart", "lungs"))
    draw(page, 0.4, 0.3)
    expect(heart.locator(".marks-list li")).to_have_count(1)
    expect(lungs.locator(".marks-list li")).to_have_count(0)
    lungs.get_by_role("button", name="Draw a box").click()
    draw(page, 0.5, 0.5)
    draw(page, 0.3, 0.7)
    expect(lungs.locator(".marks-list li")).to_have_count(2)
    expect(heart.locator(".marks-list li")).to_have_count(1)
    heart.get_by_role("button", name="1 box", exact=True).click()
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    submit(page)
    assert [len(kept(server)[name]) for name in ("heart", "lungs")] == [1, 2]


def test_a_page_waits_for_the_marks_to_review_and_what_is_taken_away_stays_away(
    server: Server, opened: Callable[[str], Page]
) -> None:
    page, held = opened("reviewed"), []
    marks = page.locator(".marks-list li")
    expect(marks).to_have_count(1)

    page.route("**/forms**", lambda route: held.append(route))
    page.evaluate("localStorage.clear()")
    page.reload()
    expect(page.locator("reading-page[data-view=judging]")).to_be_visible()
    page.keyboard.press("1")
    page.get_by_role("button", name="Submit page").click()
    expect(page.get_by_text("The rest of this page is still coming")).to_be_visible()
    assert len(held) == 1
    held[0].continue_()
    expect(marks).to_have_count(1)
    page.unroute("**/forms**")

    page.get_by_role("button", name="Remove 1 box").click()
    expect(marks).to_have_count(0)
    with page.expect_response("**/forms**"):
        page.reload()
    expect(page.locator("reading-page[data-view=judging]")).to_be_visible()
    expect(marks).to_have_count(0)
    submit(page)
    assert kept(server) == {"sharp": "no"}


@pytest.fixture
def olga(server: Server, chromium: Browser, jobs: dict[str, tuple[int, str]]) -> Page:
    """The Design tab of a draft with a picture."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
    page.goto(server.owner())
    page.goto(f"{server.address}/jobs/{jobs['draft'][0]}/design")
    return page


def test_the_missions_questions_are_made_by_keyboard_and_saved(olga: Page) -> None:
    expect(olga.get_by_role("heading", name="As contributors see it")).to_be_visible()
    olga.locator("summary.design-head").first.press("Enter")
    question = olga.get_by_label("Question", exact=True)
    question.fill("Are there signs of pneumonia?")
    for number, label in enumerate(("Healthy", "Pneumonia", "Unsure"), 1):
        olga.get_by_role("textbox", name=f"Answer {number}", exact=True).fill(label)
    preview = olga.get_by_role("region", name="As contributors see it")
    expect(preview.get_by_role("button", name="Pneumonia")).to_be_visible()
    expect(preview.get_by_text("Are there signs of pneumonia?")).to_be_visible()

    olga.locator(".design-adder select").last.select_option("rating")
    olga.get_by_role("button", name="Add", exact=True).last.press("Enter")
    card = olga.locator(".design-card").nth(1)
    card.get_by_label("Question", exact=True).fill("How likely is pneumonia?")
    card.get_by_role("button", name="Only on a condition").press("Enter")
    expect(card.get_by_role("combobox", name="Condition 1", exact=True)).to_have_value("finding")
    card.get_by_label("Unsure").check()
    expect(preview.get_by_text("How likely is pneumonia?")).to_be_hidden()
    preview.get_by_role("button", name="Unsure").click()
    expect(preview.get_by_text("How likely is pneumonia?")).to_be_visible()

    olga.get_by_role("button", name="Code view (CML)").click()
    code = olga.get_by_label("Code view (CML)").last
    expect(code).to_have_value(re.compile("cml:ratings"))
    code.fill(code.input_value().replace("How likely is pneumonia?", "How likely is it?"))
    preview.get_by_role("button", name="Unsure").click()
    expect(preview.get_by_text("How likely is it?")).to_be_visible()
    code.fill(code.input_value().replace("<cml:radios", "<cml:radioss", 1))
    expect(olga.get_by_text("There is no tag <cml:radioss>.")).to_be_visible()
    code.fill(code.input_value().replace("<cml:radioss", "<cml:radios", 1))
    expect(olga.get_by_text("There is no tag <cml:radioss>.")).to_be_hidden()
    olga.get_by_role("button", name="Code view (CML)").click()
    expect(olga.locator(".design-card").nth(1)).to_contain_text("How likely is it?")
    olga.get_by_role("button", name="Save the questions").click()
    expect(olga.get_by_text("Saved: design version 2.")).to_be_visible()


def test_words_of_a_running_job_change_and_what_was_judged_keeps_its_value(
    olga: Page, server: Server, jobs: dict[str, tuple[int, str]]
) -> None:
    olga.goto(f"{server.address}/jobs/{jobs['yes_no_notsure'][0]}/design")
    card = olga.locator(".design-card").filter(has=olga.locator(".design-choices")).first
    card.locator("summary.design-head").press("Enter")
    card.get_by_role("textbox", name="Answer 1", exact=True).fill("Yes, clearly")
    olga.get_by_role("button", name="Save the questions").click()
    expect(olga.get_by_text("Saved: design version 3")).to_be_visible()
    olga.get_by_role("button", name="Code view (CML)").click()
    code = olga.get_by_label("Code view (CML)").last
    expect(code).to_have_value(re.compile('"Yes, clearly"'))
    expect(code).to_have_value(re.compile('value="yes"'))


def test_joined_conditions_are_made_by_keyboard_in_step_with_the_code(olga: Page) -> None:
    code = bring_in(olga, JOINED)
    why = open_card(olga, "Why?")
    expect(why.get_by_role("group", name="Condition")).to_have_count(3)
    expect(why.get_by_role("combobox", name="Condition 3", exact=True)).to_have_value("ill")
    why.get_by_role("group", name="Condition 3").get_by_label("No", exact=True).press("Space")
    expect(code).to_have_value(
        re.compile(re.escape('"ill:[yes]++both:[true]||ill:[unsure]||ill:[no]"'))
    )

    why.get_by_role("button", name="And another condition").last.press("Enter")
    fourth = why.get_by_role("combobox", name="Condition 4", exact=True)
    expect(fourth).to_be_focused()
    fourth.select_option(label="Both sides?")
    expect(fourth).to_be_focused()
    why.get_by_role("combobox", name="Condition 4: is answered with").select_option("not")
    said = "ill:[yes]++both:[true]||ill:[unsure]++!both:[true]||ill:[no]++!both:[true]"
    expect(code).to_have_value(re.compile(re.escape(f'"{said}"')))
    preview = olga.get_by_role("region", name="As contributors see it")
    preview.get_by_role("group", name="Ill?").get_by_role("button", name="Yes").click()
    expect(preview.get_by_text("Why?")).to_be_hidden()
    preview.get_by_role("group", name="Both sides?").get_by_role("button").click()
    expect(preview.get_by_text("Why?")).to_be_visible()

    turn_over(olga)
    turn_over(olga)
    why = open_card(olga, "Why?")
    expect(why.get_by_role("group", name="Condition")).to_have_count(4)
    third = why.get_by_role("group", name="Condition 3")
    expect(third.get_by_label("Unsure")).to_be_checked()
    expect(third.get_by_label("No", exact=True)).to_be_checked()
    ill = open_card(olga, "Ill?")
    ill.get_by_role("textbox", name="Answer 3", exact=True).fill("Hard to say")
    expect(code).to_have_value(re.compile(re.escape("ill:[hard_to_say]++!both:[true]")))
    expect(third.get_by_label("Hard to say")).to_be_checked()

    for number in (4, 3, 2, 1):
        why.get_by_role("button", name=f"Remove: Condition {number}").press("Enter")
    expect(why.get_by_role("button", name="Only on a condition")).to_be_focused()
    expect(code).not_to_have_value(re.compile("only-if=.ill"))


def test_the_rules_of_an_answer_that_follows_are_made_by_keyboard(olga: Page) -> None:
    code = bring_in(olga, JOINED)
    so = open_card(olga, "So")
    so.get_by_role("button", name="Add a rule").press("Enter")
    second = so.get_by_role("group", name="Rule 2")
    expect(second.get_by_role("combobox", name="Condition 1", exact=True)).to_be_focused()
    second.get_by_label("Yes").press("Space")
    second.get_by_role("button", name="Or else").press("Enter")
    second.get_by_role("combobox", name="Condition 2", exact=True).select_option(label="Why?")
    second.get_by_label("Answers, one in each line").fill("cough")
    second.get_by_role("combobox", name="Rule 2: then").select_option(label="Serious")
    so.get_by_role("combobox", name="otherwise").select_option(label="Harmless")
    rules = (
        '<cml:rule value="serious" only-if="both:[true]"/>\n  '
        '<cml:rule value="serious" only-if="ill:[yes]||why:[cough]"/>\n  '
        '<cml:rule value="harmless"/>'
    )
    expect(code).to_have_value(re.compile(re.escape(rules)))
    preview = olga.get_by_role("region", name="As contributors see it")
    expect(preview.get_by_text("Harmless")).to_be_visible()
    preview.get_by_role("group", name="Ill?").get_by_role("button", name="Yes").click()
    expect(preview.get_by_text("Serious")).to_be_visible()
    so.get_by_role("button", name="Rule 2: Move up").press("Enter")
    expect(so.get_by_role("group", name="Rule 1").get_by_label("Yes")).to_be_checked()
    assert serious(olga) == []


def bring_in(olga: Page, text: str) -> Locator:
    """The cards of a design that was typed as code; returns the code, which follows them."""
    turn_over(olga)
    code = olga.locator("textarea.design-code")
    code.fill(text)
    turn_over(olga)
    expect(olga.locator(".design-card")).to_have_count(text.count("name="))
    return code


def turn_over(olga: Page) -> None:
    button = olga.get_by_role("button", name="Code view (CML)")
    to = "false" if button.get_attribute("aria-pressed") == "true" else "true"
    button.press("Enter")
    expect(button).to_have_attribute("aria-pressed", to)


def open_card(olga: Page, title: str) -> Locator:
    card = olga.locator(".design-card").filter(has=olga.locator(".design-title", has_text=title))
    card.locator("summary.design-head").press("Enter")
    return card


def test_axe_finds_nothing_serious_in_the_designer(olga: Page) -> None:
    expect(olga.get_by_role("heading", name="As contributors see it")).to_be_visible()
    assert serious(olga) == []
    olga.locator("summary.design-head").first.press("Enter")
    assert serious(olga) == []
    olga.get_by_role("button", name="Code view (CML)").click()
    expect(olga.get_by_role("textbox", name="Code view (CML)")).to_be_visible()
    assert serious(olga) == []
