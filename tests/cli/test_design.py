"""overread job design: an owner brings the questions along as CML."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from overread.cli.commands import app
from overread.formats.cml.form import build_form
from overread.store.models import Job, TestQuestion, Unit
from overread.store.queries.design import design_of
from tests.formats.cml.designs import DESIGNS

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])
run = CliRunner()


def design(*arguments: object) -> tuple[int, str, str]:
    done = run.invoke(app, ["job", "design", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr


def test_the_questions_come_in_and_go_out_byte_for_byte(job: Job, tmp_path: Path) -> None:
    source, out = tmp_path / "form.cml", tmp_path / "out.cml"
    text = DESIGNS["symptoms_and_rating"].replace("\n", "\r\n")
    source.write_bytes(text.encode())
    code, _, said = design(job.pk, "--cml", source)
    assert (code, "Design version 2" in said) == (0, True)
    assert design(job.pk, "--export", out)[0] == 0
    assert out.read_bytes() == source.read_bytes()
    printed = run.invoke(app, ["job", "design", str(job.pk), "--export", "-"])
    assert printed.stdout_bytes == source.read_bytes()
    assert design_of(job).main_question.name == "pneumonia_present"


def test_given_labels_and_test_questions_follow_the_new_questions(job: Job, tmp_path: Path) -> None:
    before = TestQuestion.objects.count()
    source = tmp_path / "form.cml"
    source.write_text(DESIGNS["healthy_pneumonia_uncertain"])
    assert design(job.pk, "--cml", source)[0] == 0
    given = {json.dumps(unit.given) for unit in Unit.objects.exclude(given={})}
    assert given == {
        '{"what_is_the_case_in_this_image": "healthy"}',
        '{"what_is_the_case_in_this_image": "pneumonia"}',
    }
    questions = list(TestQuestion.objects.select_related("current"))
    assert len(questions) == before
    assert all(set(one.current.accepted) == {*one.unit.given} for one in questions if one.current)


def test_test_questions_that_fit_no_answer_go_back_to_work(job: Job, tmp_path: Path) -> None:
    source = tmp_path / "form.cml"
    source.write_text(DESIGNS["yes_no_unknown"])
    code, _, said = design(job.pk, "--cml", source)
    assert code == 0
    assert "10 test questions have no accepted answer among the new ones" in said
    assert TestQuestion.objects.count() == 0


def test_a_mistake_changes_nothing_and_says_where(job: Job, tmp_path: Path) -> None:
    source = tmp_path / "form.cml"
    source.write_text("<p>\n<cml:radioss name='q'/>")
    code, _, said = design(job.pk, "--cml", source)
    assert code == 2
    assert "form.cml:2:1: wrong: There is no tag <cml:radioss>. Did you mean" in said
    assert job.designs.count() == 1


def test_the_image_of_a_real_design_is_left_out_and_told_with_its_place(
    job: Job, tmp_path: Path
) -> None:
    source = tmp_path / "form.cml"
    source.write_text(f"<p>{{{{age}}}}\n{{{{image}}}}</p>{DESIGNS['symptoms_and_rating']}")
    code, _, said = design(job.pk, "--cml", source)
    told = [" ".join(line.split()) for line in said.split("form.cml:")[1:]]
    assert code == 0
    assert told[0].startswith("3:22: note: <img> is left out: the image stands beside the form")
    assert told[1].startswith("1:4: note: Contributors don't see the column “age”")
    assert told[2].startswith("2:1: note: Contributors don't see the column “image”")
    assert "Take it out of the form: the image stands beside it" in told[2]
    assert len(told) == 3
    form = build_form(design_of(job), job.units.order_by("number")[0].data, secret={"image"})
    assert "img" not in form.html
    assert "scan-" not in form.html


def test_a_fault_of_the_whole_is_refused(job: Job, tmp_path: Path) -> None:
    source = tmp_path / "form.cml"
    source.write_text("<cml:text name='t' label='Why?'/>")
    code, _, said = design(job.pk, "--cml", source)
    assert (code, "No question with one answer is tested." in said) == (2, True)


def test_after_launch_a_question_keeps_its_answers(
    make_job: Callable[..., Job], tmp_path: Path
) -> None:
    job, source = make_job(launched=True), tmp_path / "form.cml"
    source.write_text(DESIGNS["yes_no_unknown"])
    code, _, said = design(job.pk, "--cml", source)
    assert (code, "“finding” labels its images" in said) == (2, True)
    design(job.pk, "--export", source)
    source.write_text(source.read_text().replace("Are there signs", "Do you see signs"))
    assert design(job.pk, "--cml", source)[0] == 0
    assert design_of(job).main_question.label == "Do you see signs of pneumonia?"


def test_one_of_the_two_has_to_be_said(job: Job) -> None:
    assert design(job.pk)[0] == 2


def test_after_the_launch_it_says_what_a_change_means(running_job: Job, tmp_path: Path) -> None:
    source = tmp_path / "form.cml"
    note = '<cml:text name="note" label="What else?"/>'
    source.write_text(note + design(running_job.pk, "--export", "-")[1])
    _, _, said = design(running_job.pk, "--cml", source)
    assert "have no answer to this question" in " ".join(said.split())
