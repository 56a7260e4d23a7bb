"""The fields of a job's settings, with their words, and the groups that they are shown in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from overread.core.judging import Order, RunOut
from overread.core.removal import RemovalRule
from overread.core.stopping import DEFAULT, SMALL_PANEL, Stopping, StoppingRule
from overread.flows.settings import BOUNDS
from overread.web.forms import Form

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# Where the form shows another unit than the column holds: per cent, and minutes.
SCALES = {
    "minimum_accuracy": 100.0,
    "stopping_threshold": 100.0,
    "page_seconds": 1 / 60,
    "repeat_share": 100.0,
    "repeat_hours": 1 / 24,
}


def _number(
    name: str, label: "_StrPromise", words: "_StrPromise", **more: Any
) -> forms.IntegerField:
    low, high = BOUNDS[name]
    return forms.IntegerField(
        label=label, help_text=words, min_value=int(low), max_value=int(high), **more
    )


def _scaled(name: str, label: "_StrPromise", words: "_StrPromise") -> forms.FloatField:
    low, high = (bound * SCALES[name] for bound in BOUNDS[name])
    return forms.FloatField(label=label, help_text=words, min_value=low, max_value=high)


def _choice(
    label: "_StrPromise",
    choices: Sequence[tuple[str, "_StrPromise"]],
    words: "_StrPromise | str" = "",
    **more: Any,
) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, help_text=words, **more)


@dataclass(frozen=True)
class Group:
    """Settings that belong together; `words` say what they are about."""

    name: str
    title: "_StrPromise"
    words: "_StrPromise"
    fields: tuple[str, ...]


USUAL = ("judgments_per_unit", "units_per_page", "minimum_accuracy", "quiz_length")
GROUPS = (
    Group(
        "quality",
        _("Quality"),
        _("who is removed, practice, retakes, hidden test questions, rows that come again"),
        (
            "removal_rule",
            "test_questions_per_page",
            "practice_length",
            "quiz_retakes",
            "when_tests_run_out",
            "repeat_share",
            "repeat_hours",
        ),
    ),
    Group(
        "dynamic",
        _("Dynamic judgments"),
        _("fewer judgments where answers agree, more where they don't"),
        (
            "stopping_rule",
            "maximum_judgments_per_unit",
            "stopping_threshold",
            "stopping_matches",
        ),
    ),
    Group(
        "limits",
        _("Limits"),
        _("shares of the work, times, order, contests, discussion"),
        (
            "maximum_judgments_per_contributor",
            "page_seconds",
            "minimum_page_seconds",
            "order",
            "contest_days",
            "discussion",
        ),
    ),
)


class SettingsFields(Form):
    """A field for each setting but the bounds of answers, which go by the question."""

    judgments_per_unit = _number(
        "judgments_per_unit",
        _("Judgments per row"),
        _("How many people judge each row. Odd numbers tie less often."),
    )
    units_per_page = _number(
        "units_per_page",
        _("Rows per page"),
        _("Hidden test questions are among them once there are enough."),
    )
    minimum_accuracy = _scaled(
        "minimum_accuracy",
        _("Minimum accuracy, %"),
        _("Whoever falls under it on test questions is removed, and replaced."),
    )
    quiz_length = _number(
        "quiz_length",
        _("Quiz length"),
        _("Test questions that everybody answers before the work."),
    )
    removal_rule = _choice(
        _("Who passes the quiz, and who is removed later"),
        (
            (
                RemovalRule.BOTH,
                _(
                    "Sensitivity and specificity: the minimum holds for each kind of test "
                    "question too. Whoever always gives the same answer fails."
                ),
            ),
            (
                RemovalRule.ACCURACY,
                _(
                    "Running percentage: the share of test questions answered right, all kinds "
                    "together, as the reference platform has it."
                ),
            ),
            (
                RemovalRule.SEQUENTIAL,
                _(
                    "Only when sure: removes at 95 % certainty that somebody is below the "
                    "minimum, so a short quiz lets nearly everybody through."
                ),
            ),
        ),
        widget=forms.RadioSelect,
    )
    test_questions_per_page = _number(
        "test_questions_per_page",
        _("Test questions on a page"),
        _("Hidden among the rows of each page of work."),
    )
    practice_length = _number(
        "practice_length",
        _("Practice round"),
        _("Test questions shown with their answers before the quiz; they don't count. 0: none."),
    )
    quiz_retakes = _number(
        "quiz_retakes",
        _("Retakes of the quiz"),
        _("How often a failed quiz may be taken again, with fresh test questions."),
    )
    when_tests_run_out = _choice(
        _("When somebody has seen all test questions"),
        (
            (RunOut.STOP, _("they have done their share")),
            (RunOut.GO_ON, _("they go on without")),
            (RunOut.REPEAT, _("test questions come again")),
        ),
        _("Test questions that come again are remembered, and measure less."),
    )
    repeat_share = _scaled(
        "repeat_share",
        _("Rows that the same contributor reads again, %"),
        _(
            "They look like any other row, and say how far readers agree with themselves. "
            "The first reading stands. 0: none."
        ),
    )
    repeat_hours = _scaled(
        "repeat_hours",
        _("Days between both readings, at least"),
        _(
            "Rows come again along with new ones, so none does in a job that is done sooner. "
            "Decimals are parts of a day."
        ),
    )
    stopping_rule = _choice(
        _("How many judgments a row gets"),
        (
            (StoppingRule.NONE, _("The same for every row.")),
            (
                StoppingRule.POSTERIOR,
                _(
                    "Posterior: until more judgments would hardly change the answer, weighing "
                    "each contributor by test questions. Saves most."
                ),
            ),
            (
                StoppingRule.CONFIDENCE,
                _("Confidence: until the answer has so large a share of the trust."),
            ),
            (StoppingRule.MATCHING, _("Matching: until so many answers are the same.")),
        ),
        format_lazy(
            _(
                "“Judgments per row” above is then the fewest that a row gets. "
                "Not for fewer than {few} contributors, such as a panel of experts."
            ),
            few=SMALL_PANEL,
        ),
        widget=forms.RadioSelect,
    )
    maximum_judgments_per_unit = _number(
        "maximum_judgments_per_unit",
        _("At most, per row"),
        format_lazy(
            _(
                "Where answers don't agree, asking ends here. {most} proved well, "
                "with {least} as the fewest."
            ),
            most=DEFAULT.maximum,
            least=DEFAULT.minimum,
        ),
        required=False,
    )
    stopping_threshold = _scaled(
        "stopping_threshold",
        _("Enough is, %"),
        format_lazy(
            _("For the posterior {proved} proved well, for confidence {usual} is usual."),
            proved=f"{100 * DEFAULT.threshold:g}",
            usual=f"{100 * Stopping.threshold:g}",
        ),
    )
    stopping_matches = _number(
        "stopping_matches", _("Answers that match"), _("How many have to be the same.")
    )
    maximum_judgments_per_contributor = _number(
        "maximum_judgments_per_contributor",
        _("At most, per contributor"),
        _("Judgments, quiz and test questions among them. Empty: no limit."),
        required=False,
    )
    page_seconds = _scaled(
        "page_seconds",
        _("Time for a page, minutes"),
        _("After it the rows go back to the others."),
    )
    minimum_page_seconds = _number(
        "minimum_page_seconds",
        _("Least time for a page, seconds"),
        _("Whoever submits sooner is asked to look again. 0: any time will do."),
    )
    order = _choice(
        _("Order of the rows"),
        (
            (Order.SHARED, _("one for all, so that rows finish early")),
            (Order.PER_CONTRIBUTOR, _("another for each contributor")),
        ),
        _("Orders of their own suit reader studies."),
    )
    contest_days = _number(
        "contest_days",
        _("Days to answer a contest"),
        _("Contributors who contest a missed test question are told this deadline."),
    )
    discussion = _choice(
        _("Discussion"),
        (("", _("not offered")), ("yes", _("contributors may ask about a row"))),
        _("They see their own questions and your answers, nobody else's."),
        required=False,
    )
    answers_from = forms.IntegerField(
        label=_("Judge the mix from so many judgments on"), min_value=1, max_value=10_000
    )
