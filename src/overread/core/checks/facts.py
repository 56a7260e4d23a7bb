"""What the checks look at, and what they say."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from overread.core.design import Design
from overread.core.judging import Rules
from overread.core.leaks import Power
from overread.core.problems import Message
from overread.core.test_questions import TestQuestion


class Mark(StrEnum):
    """WRONG stands in the way of the launch; TODO should be looked at; NOTE is good to know."""

    WRONG = "wrong"
    TODO = "todo"
    NOTE = "note"
    DONE = "done"


class Tab(StrEnum):
    """Where a finding can be put right."""

    DATA = "data"
    DESIGN = "design"
    QUALITY = "quality"
    LAUNCH = "launch"


@dataclass(frozen=True)
class Finding:
    """`check` is its lasting name; `words` say what was found, `reason` why that matters."""

    check: str
    mark: Mark
    words: Message
    reason: Message
    tab: Tab

    def document(self) -> dict[str, Any]:
        return {
            "check": self.check,
            "mark": self.mark.value,
            "words": str(self.words),
            "reason": str(self.reason),
            "tab": self.tab.value,
        }


@dataclass(frozen=True)
class Approval:
    """Who said that these images may be shown to these people, and where that is written."""

    by: str
    reference: str


@dataclass(frozen=True)
class Facts:
    """A job before its launch.

    `work`, `held` and `repeated` count rows, `without_reason` test questions in use. `alike`
    counts near-duplicates that the owner has not looked at, `alike_otherwise_labelled` pairs of
    rows with the same picture and different labels, `is_comparing` says that they are still being
    looked for. `leaks` are columns, `image_leaks` other facts of the images by their name in
    core.checks.leaking.
    `visible` are columns that contributors see. `pictured` are the answers to the main question
    that an example's image shows; `tested_examples` counts examples that are a test question or
    show the patient of one. `named` counts files and patients that the title or a text names.
    `real` says that patients are shown, not only drawings.
    """

    design: Design
    rules: Rules
    work: int = 0
    is_reading: bool = False
    is_stopped: bool = False
    held: int = 0
    repeated: int = 0
    is_comparing: bool = False
    alike: int = 0
    alike_otherwise_labelled: int = 0
    patients_unconfirmed: bool = False
    leaks: Sequence[Power] = ()
    image_leaks: Sequence[Power] = ()
    visible: Collection[str] = ()
    named: int = 0
    tests: Sequence[TestQuestion] = ()
    without_reason: int = 0
    pictured: Collection[str] = ()
    tested_examples: int = 0
    counterbalanced: bool = False
    real: bool = True
    approval: Approval | None = None


Check = Callable[[Facts], Iterator[Finding]]
