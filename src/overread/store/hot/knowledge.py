"""What judging has to know of a job and that changes only with its revision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from overread.core.design import Design
from overread.core.judging import Rules
from overread.store.hot.rows import Picture
from overread.store.judging import rules_of
from overread.store.models import DesignVersion, Job, TestQuestion

# What readers see beside a unit's images: columns and cells, by unit.
Context = dict[int, list[tuple[str, str]]]


@dataclass(frozen=True)
class Test:
    """A test question by its newest accepted answers."""

    __test__ = False

    id: int
    unit: int
    enabled: bool
    hidden: bool
    accepted: Mapping[str, Sequence[str]]
    reasons: Mapping[str, str]
    places: Mapping[str, Sequence[Mapping[str, float]]]


@dataclass(frozen=True)
class Knowledge:
    """`tests` holds every test question by unit; `in_work` and `in_quiz` list enabled units.

    `design` is the newest version's id, `design_numbers` all versions' numbers by id;
    `offered` holds what the main question, which labels a unit, offers.
    """

    rules: Rules
    page_seconds: int
    minimum_page_seconds: int
    context: Sequence[str]
    design: int
    design_numbers: Mapping[int, int]
    main_question: str
    offered: Mapping[str, Sequence[str]]
    tests: Mapping[int, Test]
    in_work: Sequence[int]
    in_quiz: Sequence[int]
    # What contributors (participations) who have seen nearly everything in work have left.
    remaining: dict[int, Sequence[int]] = field(default_factory=dict, compare=False)
    # What shows a unit, by unit: several contributors look at the same units soon after another.
    pictures: dict[int, tuple[Picture, ...]] = field(default_factory=dict, compare=False)

    @property
    def tests_are_on(self) -> bool:
        return self.rules.tests_are_on(len(self.in_work))


def read(job_id: int) -> Knowledge:
    job = Job.objects.get(pk=job_id)
    version = job.designs.order_by("-number")[0]
    tests = [_test(one) for one in _questions(job)]
    enabled = [one for one in tests if one.enabled]
    question = design(version.pk).main_question
    return Knowledge(
        rules=rules_of(job),
        page_seconds=job.page_seconds,
        minimum_page_seconds=job.minimum_page_seconds,
        context=[name for name in job.context if name not in job.secret_columns],
        design=version.pk,
        design_numbers=dict(job.designs.values_list("pk", "number")),
        main_question=question.name,
        offered={question.name: [choice.value for choice in question.choices]},
        tests={one.unit: one for one in tests},
        in_work=[one.unit for one in enabled],
        in_quiz=[one.unit for one in enabled if not one.hidden],
    )


def _questions(job: Job) -> Sequence[TestQuestion]:
    """Test questions that left work: those switched off before launch were judged as any row."""
    found = TestQuestion.objects.filter(unit__job=job, unit__slot=None, current__isnull=False)
    return list(found.select_related("current").order_by("unit"))


def _test(question: TestQuestion) -> Test:
    version = question.current
    assert version is not None
    return Test(
        question.pk,
        question.unit_id,
        question.state == TestQuestion.State.ENABLED,
        question.hidden,
        version.accepted,
        version.reasons,
        version.places,
    )


class Cache:
    """The latest knowledge of each job, read anew when its revision has changed."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, Knowledge]] = {}
        self._designs: dict[int, Design] = {}
        # A participation's job never changes; open slots by job as they were last counted.
        self.job_of: dict[int, int] = {}
        self.many_left: dict[int, int] = {}

    def of(self, job: int, revision: int) -> Knowledge:
        known = self._known.get(job)
        if known is None or known[0] != revision:
            known = self._known[job] = (revision, read(job))
        return known[1]

    def design(self, version: int) -> Design:
        """A design version never changes, so it is read once."""
        if version not in self._designs:
            self._designs[version] = design(version)
        return self._designs[version]


def design(version: int) -> Design:
    return Design.from_document(DesignVersion.objects.get(pk=version).document)
