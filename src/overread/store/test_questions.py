"""How test questions come into the store, and how they change."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from overread.core.test_questions import Content
from overread.store.models import TestQuestion, TestQuestionVersion, Unit, User

AT_ONCE = 1_000


def add(
    contents: Iterable[tuple[Unit, Content]], *, actor: User | None, at: datetime
) -> list[TestQuestion]:
    """Make units test questions; a few statements, however many there are."""
    rows = list(contents)
    made = TestQuestion.objects.bulk_create(
        [TestQuestion(unit=unit) for unit, _ in rows], batch_size=AT_ONCE
    )
    versions = TestQuestionVersion.objects.bulk_create(
        [
            _version(question, 1, content, actor, at)
            for question, (_, content) in zip(made, rows, strict=True)
        ],
        batch_size=AT_ONCE,
    )
    for question, version in zip(made, versions, strict=True):
        question.current = version
    TestQuestion.objects.bulk_update(made, ["current"], batch_size=AT_ONCE)
    return made


def add_version(
    question: TestQuestion, content: Content, *, actor: User | None, at: datetime
) -> None:
    """From now on this is accepted; what was accepted before stays known."""
    version = _version(question, question.versions.count() + 1, content, actor, at)
    version.save()
    question.current = version
    question.save(update_fields=["current"])


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
