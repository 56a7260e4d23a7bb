"""How test questions come into the store, and how they change."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TypeVar

from django.db.models import Max, OuterRef, Subquery

from overread.core.test_questions import Content
from overread.store.models import TestQuestion, TestQuestionVersion, Unit, User

AT_ONCE = 1_000
T = TypeVar("T")


def add(
    contents: Iterable[tuple[Unit, Content]], *, actor: User | None, at: datetime
) -> list[TestQuestion]:
    """Make units test questions; a few statements, however many there are."""
    rows = list(contents)
    made = TestQuestion.objects.bulk_create(
        [TestQuestion(unit=unit) for unit, _ in rows], batch_size=AT_ONCE
    )
    _keep(
        _version(question, 1, content, actor, at)
        for question, (_, content) in zip(made, rows, strict=True)
    )
    return made


def add_version(
    question: TestQuestion, content: Content, *, actor: User | None, at: datetime
) -> None:
    """From now on this is accepted; what was accepted before stays known."""
    add_versions([(question, content)], actor=actor, at=at)


def add_versions(
    contents: Sequence[tuple[TestQuestion, Content]], *, actor: User | None, at: datetime
) -> None:
    """The same for many; a few statements, however many there are."""
    for some in _blocks(contents):
        known = TestQuestionVersion.objects.filter(test_question__in=[one for one, _ in some])
        latest = dict(known.values_list("test_question").annotate(Max("number")))
        _keep(
            _version(question, latest.get(question.pk, 0) + 1, content, actor, at)
            for question, content in some
        )


def remove(questions: Sequence[TestQuestion]) -> None:
    """Nobody may have answered them."""
    for some in _blocks(questions):
        found = TestQuestion.objects.filter(pk__in=[one.pk for one in some])
        found.update(current=None)
        found.delete()


def _keep(versions: Iterable[TestQuestionVersion]) -> None:
    """Store these and make each its test question's current one."""
    newest = TestQuestionVersion.objects.filter(test_question=OuterRef("pk")).order_by("-number")
    for some in _blocks(TestQuestionVersion.objects.bulk_create(versions, batch_size=AT_ONCE)):
        questions = TestQuestion.objects.filter(pk__in=[one.test_question_id for one in some])
        questions.update(current=Subquery(newest.values("pk")[:1]))
        for one in some:
            one.test_question.current = one


def _blocks(some: Sequence[T]) -> Iterator[Sequence[T]]:
    for first in range(0, len(some), AT_ONCE):
        yield some[first : first + AT_ONCE]


def _version(
    question: TestQuestion, number: int, content: Content, actor: User | None, at: datetime
) -> TestQuestionVersion:
    return TestQuestionVersion(
        test_question=question,
        number=number,
        accepted={name: list(values) for name, values in content.accepted.items()},
        reasons=dict(content.reasons),
        places={name: [asdict(one) for one in places] for name, places in content.places.items()},
        created_at=at,
        created_by=actor,
    )
