"""What a proposal can say by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from overread.core.checks import Finding
from overread.core.design import Design
from overread.core.estimate import Estimate
from overread.core.forecast import Forecast
from overread.core.judging import Rules
from overread.core.test_questions import TestQuestion, balance
from overread.flows.documents.cleaning import Clean, cleaned, cleaner
from overread.flows.documents.preview import samples
from overread.formats.proposal_texts import known_biases, proposal_texts
from overread.store.judging import rules_of
from overread.store.models import Job
from overread.store.queries.checks import checked
from overread.store.queries.design import design_of
from overread.store.queries.estimate import expected, forecast_of
from overread.store.queries.intake import Account, account
from overread.store.queries.names import file_names_of
from overread.store.queries.quality import enabled_tests
from overread.store.queries.standing import Standing, standing


@dataclass(frozen=True)
class Known:
    """A job in figures; its texts are cleaned of names and addresses."""

    title: str
    design: Design
    texts: Mapping[str, str]
    known_biases: str
    standing: Standing
    account: Account
    rules: Rules
    tests: Sequence[TestQuestion]
    findings: Sequence[Finding]
    estimate: Estimate
    forecast: Forecast | None
    pictures: Sequence[tuple[str, str]]

    @property
    def kinds(self) -> dict[str, int]:
        """How many test questions accept each answer, by its label."""
        main = self.design.main_question
        counts = balance(self.tests, main.name)
        return {one.label: counts[one.value] for one in main.choices if counts.get(one.value)}

    @property
    def labelled(self) -> dict[str, int]:
        labels = {one.value: one.label for one in self.design.main_question.choices}
        return {labels.get(value, value): n for value, n in self.account.labelled.items()}


def known(job: Job) -> Known:
    clean = cleaner(job)
    found, design = standing(job), design_of(job)
    return Known(
        title=clean(job.title),
        design=cleaned(design, clean),
        texts=proposal_texts(job.template),
        known_biases=known_biases(file_names_of(job), [job.title, *_said(design)]),
        standing=found,
        account=account(job, design.main_question.name),
        rules=rules_of(job),
        tests=enabled_tests(job),
        findings=checked(found),
        estimate=expected(found),
        forecast=forecast_of(found),
        pictures=_pictures(job, cleaned(design, clean), clean),
    )


def _said(design: Design) -> list[str]:
    parts = msgspec.structs.asdict(design.instructions)
    return [design.notice, *map(str, parts.values())]


def _pictures(job: Job, design: Design, clean: Clean) -> list[tuple[str, str]]:
    """A test question for each answer, with the answer as its caption."""
    found: dict[str, str] = {}
    for one in samples(job, design, clean):
        if one.accepted:
            found.setdefault(one.accepted[0], one.small.address)
    return [(address, label) for label, address in found.items()]
