"""The preview as one file: everything a reviewer needs, nothing that has to stay here."""

import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from overread.cli.commands import app
from overread.core.checks import Mark as Mark_
from overread.core.design import (
    Derived,
    Design,
    Example,
    ExampleGroup,
    Hidden,
    Mark,
    MarkKind,
    Marks,
    Markup,
    Number,
    Text,
    YesNo,
)
from overread.core.problems import Refused
from overread.core.states import UnitState
from overread.flows.context import offered_columns
from overread.flows.copying import Copied, copy_job
from overread.flows.design import rename, revise_instructions
from overread.flows.documents import preview_html
from overread.flows.documents.cleaning import Clean, cleaned
from overread.flows.redesign import revise_design
from overread.store.models import Image, Job, Patient, TestQuestion, Unit
from overread.store.queries.checks import checked
from overread.store.queries.design import columns_to_show, design_of
from overread.store.queries.standing import standing
from tests.conftest import NOON

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])
HOSTILE = (
    "See scan-3.png of Doe, Jane at https://img.example/x <script>alert(1)</script>"
    " <img src=//e.vil>"
)


def revise(job: Job, text: str) -> None:
    changed = msgspec.structs.replace(design_of(job).instructions, overview=text)
    revise_instructions(job, changed, actor=None, at=NOON)


def test_the_file_holds_instructions_questions_and_samples_with_images(job: Job) -> None:
    shown = preview_html(job)
    design = design_of(job)
    assert job.title.replace("'", "&#x27;") in shown
    assert design.notice in shown
    for question in design.questions:
        assert question.label.replace("'", "&#x27;") in shown
    assert shown.count("data:image/jpeg;base64,") == 16  # eight samples, large and small
    assert "Answers to the samples" in shown
    assert "the diaphragm is sharp on both sides" in shown


def test_it_names_no_file_patient_cell_or_address_and_holds_no_script(job: Job) -> None:
    patient = Patient.objects.create(team=job.team, key="Doe, Jane")
    Unit.objects.filter(job=job).update(patient=patient)
    for unit in job.units.all():
        unit.data["secret"] = f"cell-{unit.number}-of-a-hidden-column"
        unit.save()
    rename(job, HOSTILE, actor=None, at=NOON)
    revise(job, HOSTILE)
    TestQuestion.objects.get(unit__number=1).versions.update(reasons={"finding": HOSTILE})
    shown = re.sub(r'"data:[^"]*"', '""', preview_html(job))
    for hidden in ("scan-", "Doe", "hidden-column", "https:", "http:", "//", "<script", "e.vil"):
        assert hidden not in shown, hidden
    assert "(left out)" in shown
    assert set(re.findall(r"<(?:img|link|script|iframe|object)[^>]*", shown)) <= set(
        re.findall(r'<(?:img src=""|link rel="icon" href="")[^>]*', shown)
    )


def test_samples_are_of_each_kind_in_turn_and_never_hidden_ones(job: Job) -> None:
    hidden = TestQuestion.objects.get(unit__number=1)
    hidden.hidden = True
    hidden.save()
    hidden.versions.update(reasons={"finding": "a reason that stays secret"})
    shown = preview_html(job)
    key = shown[shown.index("Answers to the samples") :]
    answers = re.findall(r"<td>(Healthy|Signs of pneumonia)</td>", key)
    assert len(answers) == 8
    assert set(answers[:2]) == set(answers[2:4]) == {"Healthy", "Signs of pneumonia"}
    assert "stays secret" not in shown


def test_without_test_questions_it_shows_rows(make_job: Callable[..., Job]) -> None:
    shown = preview_html(make_job(tests=False))
    assert "Sample rows" in shown
    assert "Answers to the samples" not in shown
    assert "No row has an image yet" in preview_html(make_job(rows=2, labelled=0, without_image=2))


def test_drawn_images_say_so(job: Job) -> None:
    assert "synthetic" not in preview_html(job)
    Image.objects.update(synthetic=True)
    assert "synthetic" in preview_html(job)


def test_the_command_writes_the_file_or_says_why_not(job: Job, tmp_path: Path) -> None:
    written = CliRunner().invoke(
        app, ["job", "preview", str(job.pk), "--html", str(tmp_path / "p.html")]
    )
    assert written.exit_code == 0
    assert (tmp_path / "p.html").read_text() == preview_html(job)
    refused = CliRunner().invoke(
        app, ["job", "preview", str(job.pk), "--html", str(tmp_path / "no" / "p.html")]
    )
    assert (refused.exit_code, "can't be written" in refused.stderr) == (2, True)


def test_every_condition_is_said_in_words(job: Job) -> None:
    shown = preview_html(job)
    said = "Asked only where “Are there signs of pneumonia?” is “Signs of pneumonia”."
    assert said in shown
    assert isinstance(design_of(job), Design)


def with_examples(job: Job) -> Design:
    """A design of every type of question, with an example of the last row."""
    design = design_of(job)
    unit = job.units.get(number=20)
    example = Example(
        unit=unit.pk,
        group=ExampleGroup.SUBTLE,
        caption="A faint cloud, not on scan-3.png",
        answers={"finding": "pneumonia"},
        marks=(
            Mark(MarkKind.BOX, ((1, 2), (9, 8))),
            Mark(MarkKind.DOT, ((3, 4),)),
            Mark(MarkKind.LINE, ((1, 1), (2, 2), (3, 1))),
        ),
    )
    more = (
        YesNo(name="tube", label="Is there a tube?"),
        Number(name="ribs", label="Ribs that can be seen", unit="ribs"),
        Text(name="why", label="Why?", long=True),
        Marks(name="places", label="Where?", kinds=(MarkKind.BOX, MarkKind.DOT)),
        Derived(name="end", label="Conclusion", choices=(), rules=()),
        Hidden(name="batch", value="secret batch"),
    )
    changed: Design = msgspec.structs.replace(
        design, nodes=(*design.nodes, *more), examples=(example,)
    )
    job.designs.create(number=2, document=changed.document(), created_at=NOON)
    Unit.objects.filter(pk=unit.pk).update(state=UnitState.WITHDRAWN)
    return changed


def test_examples_show_their_picture_marks_and_answer(job: Job) -> None:
    with_examples(job)
    shown = preview_html(job)
    assert "Examples in pictures" in shown
    assert "A faint cloud, not on (left out)" in shown
    assert '<polygon points="1,2 9,2 9,8 1,8"/>' in shown
    assert '<circle cx="3' in shown
    assert '<polyline points="1,1 2,2 3,1"/>' in shown
    assert '<span class="tag">Subtle</span> <strong>Signs of pneumonia</strong>' in shown


def test_every_type_of_question_is_shown(job: Job) -> None:
    with_examples(job)
    shown = preview_html(job)
    for words in ("Is there a tube?", "Ribs that can be seen", "Drawn on the image: boxes, dots."):
        assert words in shown
    assert '<input type="number"' in shown
    assert "<textarea" in shown
    assert "Follows from the other answers" in shown
    assert "secret batch" not in shown


def test_the_checks_know_examples(job: Job) -> None:
    with_examples(job)
    marks = {one.check: one for one in checked(standing(job))}
    assert marks["pictures of answers"].words == "No example's picture shows: Healthy."
    assert "1" in marks["names in texts"].words
    assert "examples among test questions" not in marks
    patient = Patient.objects.create(team=job.team, key="p-0001")
    Unit.objects.filter(job=job, number__in=[1, 20]).update(patient=patient)
    again = {one.check: one.mark for one in checked(standing(job))}
    assert again["examples among test questions"] == Mark_.WRONG


def test_a_copy_takes_its_examples_along_where_their_rows_come(job: Job) -> None:
    with_examples(job)
    for units, count in ((Copied.ALL, 1), (Copied.TEST_QUESTIONS, 1), (Copied.NONE, 0)):
        copy = copy_job(job, units, actor=None, at=NOON)
        found = design_of(copy).examples
        assert len(found) == count
        for one in found:
            assert copy.units.get(pk=one.unit).number == 20


def test_an_owners_form_stands_around_the_questions_with_visible_cells_only(job: Job) -> None:
    design = design_of(job)
    text = '<p>Age: {{age}}, {{secret}}</p><img src="https://img.example/x"><script>x()</script>'
    changed = msgspec.structs.replace(design, nodes=(Markup(text), *design.nodes), columns=("age",))
    job.designs.create(number=2, document=changed.document(), created_at=NOON)
    for unit in job.units.all():
        unit.data |= {"age": "4 years, see scan-3.png", "secret": "a hidden cell"}
        unit.save()
    shown = preview_html(job)
    assert shown.count("<p>Age: 4 years, see (left out), </p>") == 8
    assert shown.count("Are there signs of pneumonia?</legend>") == 8
    for hidden in ("a hidden cell", "scan-", "img.example", "<script"):
        assert hidden not in shown


DICOM = {
    "PatientName": "Miller^Jane",
    "(0010,0030)": "20190405",
    "Accession Number": "ACC-778899",
    "StudyInstanceUID": "1.2.826.0.1.3680043",
    "0": "hidden-number-column",
}


def test_columns_called_as_in_dicom_are_neither_offered_nor_shown_nor_named(job: Job) -> None:
    for unit in job.units.all():
        unit.data |= {**DICOM, "view": "PA of Jane Miller, ACC-778899"}
        unit.save()
    assert columns_to_show(job) == ["0", "view"]
    assert offered_columns(job) == ["0", "view"]
    shown_column = "{{PatientName}}{{['(0010,0030)']}}{{view}}"
    design = msgspec.structs.replace(
        design_of(job), nodes=(Markup(shown_column), *design_of(job).nodes), columns=("view",)
    )
    told = msgspec.structs.replace(design, columns=("PatientName",))
    with pytest.raises(Refused, match="PatientName"):
        revise_design(job, told, actor=None, at=NOON)
    made_visible = msgspec.structs.replace(design, columns=("view", *DICOM))
    job.designs.create(number=2, document=made_visible.document(), created_at=NOON)
    revise(job, "Miller, Jane; Jane Miller; Miller; 20190405; 1.2.826.0.1.3680043 and all others.")
    shown = re.sub(r'"data:[^"]*"', '""', preview_html(job))
    for hidden in ("Miller", "Jane", "20190405", "ACC-7", "1.2.826", "scan-"):
        assert hidden not in shown, hidden
    assert "PA of (left out), (left out)" in shown


@pytest.mark.parametrize("column", ["0", 'my "image"', "a.b", "(0008,0018)"])
def test_no_file_is_named_whatever_its_column_is_called(job: Job, column: str) -> None:
    for unit in job.units.all():
        unit.data = {column: unit.data["image"]}
        unit.save()
    Job.objects.filter(pk=job.pk).update(image_column=column)
    job.refresh_from_db()
    revise(job, "As in scan-3.png.")
    assert "As in (left out)." in preview_html(job)


def test_cleaning_changes_what_is_read_and_leaves_types_names_and_values(job: Job) -> None:
    design = design_of(job)
    clean = Clean([design.main_question.name, "healthy", "one choice", "Read this"], "…")
    with_words = msgspec.structs.replace(design, notice="Read this")
    found = cleaned(with_words, clean)
    assert found.notice == "…"
    values = [one.value for one in design.main_question.choices]
    assert "healthy" in values
    assert [one.value for one in found.main_question.choices] == values
    assert found.names == design.names
