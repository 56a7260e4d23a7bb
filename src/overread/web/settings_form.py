"""The form of a job's settings. What is wrong beyond a single field is said by flows.settings."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from overread.core.problems import Problem
from overread.core.removal import AnswerBounds
from overread.flows.settings import Settings, is_locked
from overread.store.models import Job
from overread.web.settings_fields import GROUPS, SCALES, USUAL, Group, SettingsFields
from overread.web.templatetags.overread import say

# The share of an answer that is not bounded.
EVERYTHING = (0.0, 1.0)


class SettingsForm(SettingsFields):
    """All settings of a job. What a request leaves out stays as it is."""

    def __init__(self, job: Job, answers: Mapping[str, str], data: Any = None) -> None:
        """`answers` are the main question's values with their labels."""
        self.job, self.answers = job, answers
        self.before = Settings.of(job)
        shown = _shown(self.before, answers)
        super().__init__(None if data is None else {**shown, **data.dict()}, initial=shown)
        for number, label in enumerate(answers.values()):
            for end, word in (("least", _("at least, %")), ("most", _("at most, %"))):
                self.fields[f"{end}_{number}"] = forms.FloatField(
                    label=f"{label}, {word}", min_value=0, max_value=100, required=False
                )
        for name, field in self.fields.items():
            if is_locked(_setting(name), job.state):
                field.widget.attrs["disabled"] = True

    @property
    def usual(self) -> list[forms.BoundField]:
        return [self[name] for name in USUAL]

    @property
    def groups(self) -> Iterator[tuple[Group, list[forms.BoundField], bool]]:
        """Each group with its fields, and whether it has something to correct."""
        for group in GROUPS:
            found = [self[name] for name in group.fields]
            yield group, found, any(field.errors for field in found)

    @property
    def shares(self) -> list[tuple[str, tuple[forms.BoundField, forms.BoundField]]]:
        """For each answer its label and the fields of its least and greatest share."""
        return [
            (label, (self[f"least_{number}"], self[f"most_{number}"]))
            for number, label in enumerate(self.answers.values())
        ]

    @property
    def shares_wrong(self) -> bool:
        return any(name in self.errors for name in self.fields if _setting(name) == "answer_bounds")

    def settings(self) -> Settings:
        """The settings as filled in; those that were not touched keep their exact value."""
        changed = {_setting(name) for name in self.changed_data}
        values = {name: self._meant(name) for name in changed if name != "answer_bounds"}
        if "answer_bounds" in changed:
            values["answer_bounds"] = self._answer_bounds()
        return replace(self.before, **values)

    def add(self, problem: Problem) -> None:
        """Show a refusal at the setting that it is about."""
        name = problem.source
        name = "answers_from" if name == "answer_bounds" else name
        self.add_error(name if name in self.fields else None, say(problem))

    def _meant(self, name: str) -> Any:
        value = self.cleaned_data[name]
        if name == "discussion":
            return value == "yes"
        if name in ("page_seconds", "repeat_hours"):
            return round(value / SCALES[name])
        return round(value / SCALES[name], 6) if name in SCALES else value

    def _answer_bounds(self) -> dict[str, Any]:
        data, shares = self.cleaned_data, {}
        for number, answer in enumerate(self.answers):
            least, most = data.get(f"least_{number}"), data.get(f"most_{number}")
            share = ((least or 0.0) / 100, 1.0 if most is None else most / 100)
            if share != EVERYTHING:
                shares[answer] = list(share)
        return {"from": data["answers_from"], "shares": shares} if shares else {}


def _setting(name: str) -> str:
    """The setting that a field of the form belongs to."""
    return "answer_bounds" if name.startswith(("answers_from", "least_", "most_")) else name


def _shown(settings: Settings, answers: Mapping[str, str]) -> dict[str, Any]:
    """The settings as the form writes them."""
    shown = {
        name: value if value is not None else ""
        for name, value in asdict(settings).items()
        if name != "answer_bounds"
    }
    for name, scale in SCALES.items():
        shown[name] = _rounded(getattr(settings, name) * scale)
    shown["discussion"] = "yes" if settings.discussion else ""
    bounds = AnswerBounds.from_document(settings.answer_bounds)
    shown["answers_from"] = bounds.from_
    for number, answer in enumerate(answers):
        least, most = bounds.shares.get(answer, EVERYTHING)
        shown[f"least_{number}"] = _rounded(100 * least) if least > 0 else ""
        shown[f"most_{number}"] = _rounded(100 * most) if most < 1 else ""
    return shown


def _rounded(value: float) -> float:
    """As it is written in the form, so that what comes back untouched is seen to be the same."""
    short = float(f"{value:.6g}")
    return int(short) if short.is_integer() else short
