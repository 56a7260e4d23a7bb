"""The Design tab: the designer's JSON, examples, and what contributors get of them."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from django.test import Client

from overread.core.states import UnitState
from overread.flows.documents.cleaning import Clean
from overread.flows.documents.forms import form_blocks
from overread.flows.judging.launching import launch
from overread.flows.people import Invitation, invite
from overread.flows.redesign import export_cml, import_cml
from overread.store.models import Job, TestQuestion, Unit, User
from overread.store.queries.design import current_design, design_of
from overread.web.shown_forms import asked_questions, shown_form
from tests.conftest import NOON, now
from tests.formats.cml.designs import DESIGNS
from tests.judging import page_of

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])


@pytest.fixture
def browser(olga: User) -> Client:
    client = Client()
    client.force_login(olga)
    return client


def post(client: Client, job: Job, route: str, sent: object) -> tuple[int, dict[str, Any]]:
    text = sent if isinstance(sent, str) else json.dumps(sent)
    reply = client.post(f"/jobs/{job.pk}/design/{route}", text, content_type="application/json")
    return reply.status_code, reply.json()


def test_the_tree_and_its_code_are_two_sides_of_one_thing(browser: Client, job: Job) -> None:
    for text in DESIGNS.values():
        code, drawn = post(browser, job, "draw", {"cml": text})
        assert (code, drawn["cml"]) == (200, text)
        again = post(browser, job, "draw", {"nodes": drawn["nodes"]})[1]
        assert again["cml"] == text
        assert [one["name"] for one in again["questions"]]


def test_the_tree_has_conditions_as_they_are_meant_and_keeps_the_code(
    browser: Client, job: Job
) -> None:
    name = "pneumonia_positive"
    when = f"{name}:[yes]||{name}:[2]||!{name}:[yes]++!{name}:[no]"
    text = f"{DESIGNS['yes_no_notsure']}<cml:text name='why' label='Why?' only-if='{when}'/>"
    drawn = post(browser, job, "draw", {"cml": text})[1]
    assert drawn["nodes"][-1]["only_if"] == [
        [{"question": name, "values": ["yes", "notsure"]}],
        [{"question": name, "values": ["yes", "no"], "negated": True}],
    ]
    assert post(browser, job, "draw", {"nodes": drawn["nodes"]})[1]["cml"] == text


def test_a_mistake_in_the_code_is_told_with_its_place(browser: Client, job: Job) -> None:
    _code, drawn = post(browser, job, "draw", {"cml": "<p>\n<cml:radioss/>"})
    assert drawn["problems"][0]["message"].startswith("line 2, column 1: There is no tag")
    _code, drawn = post(browser, job, "draw", {"cml": "<cml:text label='Why?' name='w'/>"})
    assert any("No question with one answer is tested" in p["message"] for p in drawn["problems"])


def test_what_is_drawn_is_saved_as_a_new_version_and_drawing_stores_nothing(
    browser: Client, job: Job
) -> None:
    drawn = post(browser, job, "draw", {"cml": DESIGNS["symptoms_and_rating"]})[1]
    assert job.designs.count() == 1
    code, saved = post(browser, job, "save", {"nodes": drawn["nodes"], "version": 1})
    assert (code, saved["version"]) == (200, 2)
    assert design_of(job).main_question.name == "pneumonia_present"


def test_two_owners_do_not_overwrite_each_other(browser: Client, job: Job) -> None:
    nodes = design_of(job).document()["nodes"]
    nodes[0]["label"] = "Changed?"
    assert post(browser, job, "save", {"nodes": nodes, "version": 1})[0] == 200
    code, told = post(browser, job, "save", {"nodes": nodes, "version": 1})
    assert (code, told["error"]["code"]) == (409, "changed")


def test_conditions_without_end_are_refused(browser: Client, job: Job) -> None:
    nodes = design_of(job).document()["nodes"]
    every = [{"question": "finding", "values": [f"{n}" for n in range(20)]} for _ in range(20)]
    nodes[1]["only_if"] = [every]
    assert post(browser, job, "draw", {"nodes": nodes})[0] == 400
    groups = nodes[0]
    for _ in range(20):
        condition = {"question": "finding"}
        groups = {"type": "group", "nodes": [groups], "only_if": [[condition], [condition]]}
    assert post(browser, job, "draw", {"nodes": [groups]})[0] == 400
    text = "<cml:group only-if='a||b||c'>" * 8 + "<cml:text label='t' only-if='a||b'/>"
    drawn = post(browser, job, "draw", {"cml": text + "</cml:group>" * 8})[1]
    assert any("too many together" in one["message"] for one in drawn["problems"])


@pytest.mark.parametrize("sent", ["", "[]", "{}", '{"nodes": [1]}', '{"nodes": ' + "[" * 5000])
def test_what_is_no_design_is_refused(browser: Client, job: Job, sent: str) -> None:
    assert post(browser, job, "draw", sent)[0] == 400
    assert post(browser, job, "save", sent)[0] == 400
    assert job.designs.count() == 1


def test_a_column_is_shown_only_if_it_tells_nothing(browser: Client, job: Job) -> None:
    page = browser.get(f"/jobs/{job.pk}/design").content.decode()
    assert "Columns that contributors may see" not in page
    form = {"title": "T", "overview": "o", "columns-shown": "1", "columns": "label"}
    browser.post(f"/jobs/{job.pk}/design", form)
    assert design_of(job).columns == ()


def test_instructions_are_shown_as_they_will_be_read(browser: Client, job: Job) -> None:
    reply = browser.post(f"/jobs/{job.pk}/design/prose", {"text": "**x** <script>1</script>"})
    assert reply.content == b"<p><strong>x</strong> &lt;script&gt;1&lt;/script&gt;</p>\n"


def example_of(browser: Client, job: Job, unit: Unit, **more: str) -> None:
    sent = {
        "group": "subtle",
        "caption": "Look below.",
        "answer": "pneumonia",
        "x-example": "10",
        "y-example": "20",
        "width-example": "30",
        "height-example": "40",
    }
    browser.post(f"/jobs/{job.pk}/design/examples/{unit.pk}", {**sent, **more})


def test_an_example_leaves_work_and_test_questions(browser: Client, job: Job) -> None:
    question = TestQuestion.objects.select_related("unit").first()
    assert question is not None
    unit = question.unit
    assert browser.get(f"/jobs/{job.pk}/design/examples").status_code == 200
    assert browser.get(f"/jobs/{job.pk}/design/examples/{unit.pk}").status_code == 200
    example_of(browser, job, unit)
    unit.refresh_from_db()
    assert (unit.state, TestQuestion.objects.filter(unit=unit).exists()) == ("withdrawn", False)
    [example] = design_of(job).examples
    assert (example.caption, example.answers) == ("Look below.", {"finding": "pneumonia"})
    assert example.marks[0].points == ((2.4, 3.6), (9.6, 10.8))
    page = browser.get(f"/jobs/{job.pk}/design").content.decode()
    assert "Look below." in page
    assert '<rect x="2.4" y="3.6" width="7.2" height="7.2"/>' in page
    example_of(browser, job, unit, action="remove")
    unit.refresh_from_db()
    assert (unit.state, design_of(job).examples) == (UnitState.NEW, ())


@pytest.mark.parametrize("wrong", [{"answer": "cancer"}, {"x-example": "90"}, {"y-example": "a"}])
def test_a_wrong_example_is_refused(browser: Client, job: Job, wrong: dict[str, str]) -> None:
    unit = job.units.order_by("number")[0]
    example_of(browser, job, unit, **wrong)
    assert design_of(job).examples == ()
    unit.refresh_from_db()
    assert unit.state == UnitState.NEW


def test_contributors_see_examples_and_nothing_that_names_them(
    browser: Client, make_job: Callable[..., Job]
) -> None:
    job = make_job()
    unit = job.units.order_by("number")[0]
    example_of(browser, job, unit)
    launch(job, actor=None, at=NOON, rng=Random(1))
    [lena] = invite(job, count=1, actor=None, at=now())
    reader = Client()
    reader.force_login(lena.participation.user)
    for address in (f"/work/{job.pk}/instructions", f"/work/{job.pk}"):
        page = reader.get(address).content.decode()
        assert "Look below." in page
        assert "scan-" not in page
        source = page.split('<a class="example-picture" href="')[1].split('"')[0]
        assert reader.get(source.replace("&amp;", "&")).status_code == 200


def test_the_reading_page_lays_questions_out_in_the_owners_form(
    running_job: Job, lena: Invitation
) -> None:
    text = (
        "<h3>Look {{image}}{{label}}</h3><cml:group only-if='finding:[pneumonia]'>"
        "<script>1</script><cml:text name='where' label='Where?'/></cml:group>"
    )
    form = import_cml_after_launch(running_job, text)
    assert "<h3>Look </h3>" in form["html"]
    assert '<div data-question="finding">' in form["html"]
    assert '<div data-group="0"><div data-question="where"></div></div>' in form["html"]
    assert form["groups"] == [
        [[{"question": "finding", "values": ["pneumonia"], "negated": False}]]
    ]
    client = Client()
    client.force_login(lena.participation.user)
    assert "script" not in form["html"]
    page = page_of(lena)
    reply = client.get(f"/api/jobs/{running_job.pk}/forms", {"page": page.id})
    forms = reply.json()["forms"]
    assert set(forms) == {str(place) for place in page.by_place}
    assert all("scan-" not in one["html"] for one in forms.values())
    other = client.get(f"/api/jobs/{running_job.pk}/forms", {"page": page.id + 1})
    assert other.status_code == 404


def test_no_label_shows_its_liquid(running_job: Job) -> None:
    text = '<cml:text name="note" label="How old is {{ age }}?"/>'
    import_cml(running_job, text + export_cml(running_job), actor=None, at=NOON)
    design = design_of(running_job)
    labels = [one["label"] for one in asked_questions(design, running_job)]
    cells = {"age": "7"}
    blocks = form_blocks(design, cells, running_job.secret_columns, Clean((), ""))
    labels += [one.question.label for one in blocks if one.question]
    assert labels.count("How old is ?") == 2
    assert not [one for one in labels if "{" in one]


def import_cml_after_launch(job: Job, text: str) -> dict[str, Any]:
    import_cml(job, text + export_cml(job), actor=None, at=NOON)
    form = shown_form(design_of(job), job, "/forms")
    assert form is not None
    return form


def test_after_the_launch_the_designer_says_what_a_change_means(
    browser: Client, running_job: Job
) -> None:
    nodes = [
        *design_of(running_job).document()["nodes"],
        {"type": "text", "name": "note", "label": "What else?"},
    ]
    sent = {"version": current_design(running_job).number, "nodes": nodes}
    reply = browser.post(
        f"/jobs/{running_job.pk}/design/save", json.dumps(sent), content_type="application/json"
    )
    assert "have no answer to this question" in reply.json()["message"]
