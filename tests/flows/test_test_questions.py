"""Where test questions come from, and what an owner may do with them."""

import csv
from collections.abc import Callable
from pathlib import Path
from random import Random

import msgspec
import pytest

from overread.core.problems import Problem, Refused
from overread.core.test_questions import Content, Place
from overread.flows.design import create_job
from overread.flows.intake import start_intake, take_in
from overread.flows.judging.launching import launch
from overread.flows.people import Invitation
from overread.flows.test_questions import (
    content_of,
    make_by_hand,
    make_test_questions,
    put_on_hold,
    remove_test_question,
    revise_test_question,
    set_enabled,
    set_hidden,
)
from overread.store.models import Intake, Job, Team, TestQuestion, Unit
from overread.store.queries.design import design_of
from overread.store.versions import add_design_version
from tests.conftest import NOON, write_images
from tests.judging import page_of, right_answers, send

pytestmark = pytest.mark.django_db
MakeJob = Callable[..., Job]
BOX = Place(0.25, 0.5, 0.25, 0.125)


@pytest.fixture
def draft(team: Team) -> Job:
    return create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)


@pytest.fixture
def upload(draft: Job, tmp_path: Path) -> Callable[..., Job]:
    """Takes in a table with these rows and as many pictures."""

    def send_in(*rows: dict[str, str], pictures: int | None = None) -> Job:
        table = tmp_path / "rows.csv"
        with table.open("w", newline="") as file:
            writer = csv.DictWriter(file, ["image", *rows[0]])
            writer.writeheader()
            writer.writerows({"image": f"scan-{n}.png", **row} for n, row in enumerate(rows))
        images = write_images(
            tmp_path / "images", len(rows) if pictures is None else pictures, seed=draft.pk
        )
        intake = start_intake(draft, actor=None, at=NOON)
        take_in(intake, [table, images], progress=lambda *_: None)
        return draft

    return send_in


def test_a_new_table_hides_beside_the_image_what_it_makes_the_label(
    draft: Job, upload: Callable[..., Job]
) -> None:
    draft.context = ["age", "label"]
    draft.save(update_fields=["context"])
    upload({"age": "4", "label": "healthy"})
    draft.refresh_from_db()
    assert draft.context == ["age"]


def test_a_new_table_cannot_make_a_column_of_the_form_its_label(
    draft: Job, upload: Callable[..., Job]
) -> None:
    design = msgspec.structs.replace(design_of(draft), columns=("label",))
    add_design_version(draft, design, None, NOON)
    upload({"label": "healthy"})
    assert draft.intakes.latest("pk").state == Intake.State.REFUSED
    assert not draft.units.exists()


def test_another_accepted_answer_makes_no_other_kind_of_test_question(
    running_job: Job,
) -> None:
    question = TestQuestion.objects.get(unit__job=running_job, unit__number=2)
    assert content_of(question).accepted == {"finding": ["pneumonia"]}
    both = {"finding": ["healthy", "pneumonia"]}
    revise_test_question(question, accepted=both, reasons={}, actor=None, at=NOON)
    assert content_of(question).accepted == {"finding": ["pneumonia", "healthy"]}
    only = {"finding": ["healthy"]}
    revise_test_question(question, accepted=only, reasons={}, actor=None, at=NOON)
    assert content_of(question).accepted == only


def row(job: Job, number: int) -> Unit:
    return job.units.get(number=number)


def held_for(job: Job, number: int) -> Problem:
    held = row(job, number).held
    assert held is not None
    return Problem.from_document(held)


# uploaded


def test_a_golden_row_becomes_a_test_question_with_its_answers_and_reasons(
    upload: Callable[..., Job],
) -> None:
    job = upload(
        {
            "_golden": "TRUE",
            "finding_gold": "pneumonia\nunsure",
            "finding_gold_reason": "A cloud on the left.",
            "signs_gold": "one_place\ngeneral_haze",
        },
        {"_golden": "", "finding_gold": "", "finding_gold_reason": "", "signs_gold": ""},
    )
    [question] = TestQuestion.objects.filter(unit__job=job)
    assert question.unit.number == 1
    assert content_of(question) == Content(
        {"finding": ["pneumonia", "unsure"], "signs": ["one_place", "general_haze"]},
        {"finding": "A cloud on the left."},
    )


@pytest.mark.parametrize(
    ("flag", "golden"), [("TRUE", 1), ("true", 1), ("FALSE", 0), ("false", 0), ("", 0)]
)
def test_true_makes_a_test_question_and_false_makes_none(
    upload: Callable[..., Job], flag: str, golden: int
) -> None:
    upload({"_golden": flag, "finding_gold": "healthy"})
    assert TestQuestion.objects.count() == golden


def test_an_answer_may_be_told_by_its_label_or_as_a_label_column_tells_it(
    upload: Callable[..., Job],
) -> None:
    job = upload({"_golden": "TRUE", "finding_gold": "Signs of pneumonia\n0"})
    assert content_of(row(job, 1).test_question).accepted == {"finding": ["pneumonia", "healthy"]}


@pytest.mark.parametrize(
    ("cells", "column", "says"),
    [
        ({"_golden": "TRUE", "finding_gold": "cancer"}, "finding_gold", "does not offer “cancer”"),
        ({"_golden": "TRUE", "finding_gold": ""}, "finding_gold", "no accepted answer"),
        ({"_golden": "perhaps", "finding_gold": ""}, "_golden", "neither TRUE nor FALSE"),
        (
            {"_golden": "TRUE", "finding_gold": "pneumonia", "signs_gold": "one_place\nfever"},
            "signs_gold",
            "does not offer “fever”",
        ),
    ],
)
def test_a_row_that_can_be_no_test_question_is_held_with_the_reason(
    upload: Callable[..., Job], cells: dict[str, str], column: str, says: str
) -> None:
    job = upload(cells, cells | dict.fromkeys(cells, ""))
    problem = held_for(job, 1)
    assert (problem.row, problem.column) == (1, column)
    assert says in problem.problem
    assert problem.advice
    assert not TestQuestion.objects.exists()
    assert row(job, 2).state == "new"


def test_a_golden_row_without_image_waits_for_it(
    upload: Callable[..., Job], tmp_path: Path
) -> None:
    gold = {"_golden": "TRUE", "finding_gold": "healthy"}
    job = upload(gold, gold, pictures=1)
    assert TestQuestion.objects.count() == 1
    more = write_images(tmp_path / "more", 2, seed=job.pk)
    intake = start_intake(job, actor=None, at=NOON)
    take_in(intake, [more], progress=lambda *_: None)
    assert intake.state == Intake.State.DONE
    assert TestQuestion.objects.count() == 2


def test_gold_columns_are_taken_for_no_label_column(upload: Callable[..., Job]) -> None:
    job = upload(*[{"_golden": "TRUE", "finding_gold": "healthy\npneumonia"}] * 3)
    job.refresh_from_db()
    assert (job.label_column, TestQuestion.objects.count()) == ("", 3)
    assert row(job, 1).given == {}


# by hand


def test_any_row_with_an_image_can_be_made_one_by_hand(make_job: MakeJob) -> None:
    job = make_job(tests=False)
    unit = row(job, 15)
    content = Content({"finding": ["healthy"]}, {"finding": " Clear. "}, {"finding": [BOX]})
    question = make_by_hand(unit, content, actor=None, at=NOON)
    assert content_of(question) == Content(
        {"finding": ["healthy"]}, {"finding": "Clear."}, {"finding": [BOX]}
    )
    revision = job.revision
    job.refresh_from_db()
    assert job.revision > revision


def test_a_held_row_can_be_made_none(make_job: MakeJob) -> None:
    job = make_job(without_image=1, tests=False)
    with pytest.raises(Refused, match="can't become a test question"):
        make_by_hand(row(job, 20), Content({"finding": ["healthy"]}), actor=None, at=NOON)


@pytest.mark.parametrize(
    "accepted",
    [{}, {"finding": []}, {"finding": ["cancer"]}, {"signs": ["one_place"]}, {"no": ["x"]}],
)
def test_without_an_accepted_answer_that_is_offered_there_is_none(
    make_job: MakeJob, accepted: dict[str, list[str]]
) -> None:
    job = make_job(tests=False)
    with pytest.raises(Refused, match="at least one accepted answer"):
        make_by_hand(row(job, 1), Content(accepted), actor=None, at=NOON)
    assert not TestQuestion.objects.exists()


def test_after_launch_rows_of_work_stay_work_and_test_questions_stay_theirs(
    running_job: Job,
) -> None:
    work, tested = row(running_job, 20), row(running_job, 1).test_question
    with pytest.raises(Refused, match="launched"):
        make_by_hand(work, Content({"finding": ["healthy"]}), actor=None, at=NOON)
    with pytest.raises(Refused, match="launched"):
        make_test_questions(running_job, [work], actor=None, at=NOON)
    with pytest.raises(Refused, match="launched"):
        remove_test_question(tested, actor=None, at=NOON)


def test_one_that_was_switched_off_before_launch_is_work_after_it(make_job: MakeJob) -> None:
    job = make_job()
    question = row(job, 1).test_question
    set_enabled(question, False, actor=None, at=NOON)
    launch(job, actor=None, at=NOON, rng=Random(1))
    question = TestQuestion.objects.get(pk=question.pk)
    with pytest.raises(Refused, match="judged as work"):
        set_enabled(question, True, actor=None, at=NOON)


# changed


def test_the_same_content_makes_no_new_version(job: Job) -> None:
    question = row(job, 1).test_question
    same = content_of(question)
    revise_test_question(
        question, accepted=same.accepted, reasons=same.reasons, actor=None, at=NOON
    )
    assert question.versions.count() == 1


def test_a_change_keeps_the_places_and_asks_for_a_new_review(job: Job) -> None:
    question = row(job, 1).test_question
    accepted = content_of(question).accepted
    revise_test_question(
        question, accepted=accepted, reasons={}, places={"finding": [BOX]}, actor=None, at=NOON
    )
    TestQuestion.objects.update(reviewed=True)
    revise_test_question(
        question, accepted=accepted, reasons={"finding": "Look."}, actor=None, at=NOON
    )
    question.refresh_from_db()
    assert content_of(question).places == {"finding": [BOX]}
    assert not question.reviewed


@pytest.mark.parametrize("box", [(-0.1, 0, 0.5, 0.5), (0.8, 0, 0.5, 0.5), (0, 0, 0, 0.5)])
def test_a_place_lies_inside_the_image(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="a place"):
        Place(*box)


def test_on_hold_needs_a_reason_and_ends_with_a_review(job: Job) -> None:
    question = row(job, 1).test_question
    with pytest.raises(Refused, match="for a reason"):
        put_on_hold(question, "  ", actor=None, at=NOON)
    put_on_hold(question, "  two doctors\ndisagree ", actor=None, at=NOON)
    assert (question.state, question.on_hold_for) == ("on hold", "two doctors disagree")
    set_enabled(question, True, actor=None, at=NOON)
    assert (question.state, question.on_hold_for, question.reviewed) == ("enabled", "", True)


# shown


def test_a_hidden_one_is_in_no_quiz_and_never_shows_its_answer(
    running_job: Job, lena: Invitation
) -> None:
    questions = list(TestQuestion.objects.filter(unit__job=running_job).order_by("pk"))
    hidden = questions[:5]
    for question in hidden:
        set_hidden(question, True, actor=None, at=NOON)
    quiz = page_of(lena)
    assert not {one.unit_id for one in hidden} & set(quiz.unit_ids)
    send(lena, quiz)
    page = page_of(lena)
    [feedback] = send(lena, page, miss=1)["feedback"]
    assert (feedback["accepted"], feedback["reasons"], feedback["places"]) == ({}, {}, {})
    assert not feedback["correct"]


def test_a_miss_shows_the_reason_and_the_place(running_job: Job, lena: Invitation) -> None:
    for question in TestQuestion.objects.filter(unit__job=running_job):
        revise_test_question(
            question,
            accepted=content_of(question).accepted,
            reasons={"finding": "Here."},
            places={"finding": [BOX]},
            actor=None,
            at=NOON,
        )
    quiz = page_of(lena)
    shown = send(lena, quiz, miss=1)["feedback"]
    missed = [one for one in shown if not one["correct"]]
    assert missed[0]["reasons"] == {"finding": "Here."}
    assert missed[0]["places"] == {
        "finding": [{"x": 0.25, "y": 0.5, "width": 0.25, "height": 0.125}]
    }
    assert len(right_answers(quiz)) == 5
