"""A draft's labels and test questions follow a new design; nobody who judges meanwhile waits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from overread.core.problems import Refused
from overread.flows import redesign
from overread.flows.redesign import import_cml
from overread.store.models import Job, TestQuestion, TestQuestionVersion
from overread.store.queries.design import design_of
from overread.store.write import write
from tests.conftest import NOON

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])

CLEAR = '<cml:radio label="Clear" value="clear" data-given="healthy"/>'
CLOUDED = (
    '<cml:radio label="Clouded" value="clouded" data-given="pneumonia" data-reason="Clouds."/>'
)
OTHER = '<cml:radio label="Other" value="other"/>'


def ask(job: Job, *choices: str, name: str = "lungs") -> int:
    """The new design asks one question; how many test questions fit no more."""
    inside = "".join(choices)
    form = f'<cml:radios label="What do you see?" name="{name}">{inside}</cml:radios>'
    return import_cml(job, form, actor=None, at=NOON).lost


def given(job: Job) -> list[dict[str, str]]:
    return list(job.units.order_by("number").values_list("given", flat=True))


def accepted(job: Job) -> list[object]:
    tests = TestQuestion.objects.filter(unit__job=job).order_by("unit__number")
    return list(tests.values_list("current__accepted", flat=True))


@pytest.mark.parametrize("name", ["finding", "lungs"])
def test_labels_and_test_questions_speak_the_new_words(job: Job, name: str) -> None:
    assert ask(job, CLEAR, CLOUDED, name=name) == 0
    assert given(job)[:3] == [{name: "clear"}, {name: "clouded"}, {name: "clear"}]
    assert given(job)[10:] == [{}] * 10
    assert accepted(job)[:2] == [{name: ["clear"]}, {name: ["clouded"]}]
    second = TestQuestion.objects.select_related("current").get(unit__job=job, unit__number=2)
    assert second.current is not None
    assert (second.current.number, second.current.reasons) == (2, {name: "Clouds."})
    assert list(second.versions.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_what_fits_no_answer_is_no_label_and_no_test_question_any_more(job: Job) -> None:
    assert ask(job, CLEAR, OTHER) == 5
    assert given(job)[:3] == [{"lungs": "clear"}, {}, {"lungs": "clear"}]
    assert accepted(job) == [{"lungs": ["clear"]}] * 5
    assert not TestQuestionVersion.objects.filter(test_question__unit__number=2).exists()


def test_the_label_column_is_read_again_when_its_words_fit_again(job: Job) -> None:
    ask(job, OTHER, OTHER.replace("ther", "ld"))
    assert given(job) == [{}] * 20
    ask(job, CLEAR, CLOUDED)
    assert given(job)[:2] == [{"lungs": "clear"}, {"lungs": "clouded"}]


def test_what_olga_said_of_a_cell_counts_before_what_the_design_says(job: Job) -> None:
    job.label_meanings = {"healthy": "pneumonia", "pneumonia": ""}
    job.save()
    ask(job, CLEAR, CLOUDED)
    assert given(job)[:2] == [{"lungs": "clouded"}, {}]


def test_a_larger_draft_is_read_before_the_turn_to_write_and_written_in_no_more_statements(
    make_job: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    within: list[list[str]] = []

    @contextmanager
    def watched() -> Iterator[None]:
        with write(), CaptureQueriesContext(connection) as queries:
            yield
        within.append([one["sql"] for one in queries.captured_queries])

    monkeypatch.setattr(redesign, "write", watched)
    every = []
    for rows in (20, 120):
        job = make_job(rows=rows, labelled=rows // 2)
        with CaptureQueriesContext(connection) as queries:
            ask(job, CLEAR, CLOUDED)
        every.append(len(queries))
    few, many = within
    assert len(few) == len(many) < 20
    assert every[0] == every[1]
    assert not [sql for sql in many if sql.startswith("SELECT") and '"data"' in sql]
    assert sum(sql.startswith('UPDATE "store_unit"') for sql in many) == 2


def test_what_changed_while_it_was_read_is_kept_and_the_design_refused(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, labels = design_of(job), given(job)
    read = redesign.relabelling

    def read_slowly(*known: object) -> object:
        TestQuestion.objects.filter(unit__job=job).update(hidden=True)
        redesign.touch(job)
        return read(*known)  # type: ignore[arg-type]

    monkeypatch.setattr(redesign, "relabelling", read_slowly)
    with pytest.raises(Refused, match="changed while"):
        ask(job, CLEAR, CLOUDED)
    assert (design_of(job), given(job)) == (before, labels)
