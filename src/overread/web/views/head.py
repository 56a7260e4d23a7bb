"""The head of every page of a job: title, state, tabs, and the one next step."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from overread.core.problems import Refused
from overread.core.states import JobState
from overread.core.test_questions import all_may_be_tests
from overread.store.models import Job
from overread.store.queries.standing import Standing, standing
from overread.web.templatetags.overread import say


@dataclass(frozen=True)
class Tab:
    """`mark` is done, todo or wrong; `count` how many things are wrong."""

    name: str
    label: str
    mark: str
    count: int = 0


@dataclass(frozen=True)
class NextStep:
    """`sends` names what the button does at once, on the tab; without, it leads there."""

    words: str
    button: str
    tab: str
    sends: str = ""


def job_page(
    request: HttpRequest,
    job: Job,
    tab: str,
    *,
    template: str = "",
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """A tab of a job; its template is owner/<tab>.html unless another is named."""
    found = context.pop("standing", None) or standing(job)
    head = {
        "job": job,
        "tab": tab,
        "standing": found,
        "tabs": tabs(found),
        "next_step": next_step(found),
    }
    return render(request, f"owner/{template or tab}.html", head | context, status=status)


def refuse(request: HttpRequest, refused: Refused) -> None:
    """Say on the next page why nothing was done."""
    messages.error(request, say(refused.problem))


def tabs(found: Standing) -> list[Tab]:
    launched = not found.is_draft
    over = found.job.state in (JobState.FINISHED, JobState.CANCELED)
    return [
        _data_tab(found),
        Tab("design", _("Design"), "done"),
        Tab("quality", _("Quality"), "done" if found.tests_are_on else "todo"),
        Tab("launch", _("Launch"), "done" if launched else "todo"),
        Tab("monitor", _("Monitor"), "done" if over else "todo"),
        Tab("results", _("Results"), "done" if over or found.datasets else "todo"),
    ]


def _data_tab(found: Standing) -> Tab:
    wrong = found.held or int(found.is_refused and not found.rows)
    if found.is_looking or found.is_previewed:
        return Tab("data", _("Data"), "todo")
    if found.is_stopped:
        return Tab("data", _("Data"), "wrong", 1)
    if found.is_draft and wrong and not found.is_reading:
        return Tab("data", _("Data"), "wrong", wrong)
    return Tab("data", _("Data"), "done" if found.rows else "todo")


def next_step(found: Standing) -> NextStep:
    if found.pressing:
        words = ngettext(
            "{count} reported image can't wait: it shows a name, or looks urgent.",
            "{count} reported images can't wait: they show a name, or look urgent.",
            found.pressing,
        ).format(count=found.pressing)
        return NextStep(words, _("Look now"), "reports")
    if found.is_reading:
        return NextStep(_("The files are being read."), _("Watch"), "data")
    if found.is_looking:
        return NextStep(_("The files are being looked at."), _("Watch"), "data")
    if found.is_previewed:
        return NextStep(_("Your upload waits: see what is in it."), _("Look"), "data")
    if found.is_stopped:
        return NextStep(_("An upload was stopped on its way."), _("Go on or undo it"), "data")
    return _before_launch(found) if found.is_draft else _after_launch(found)


def _before_launch(found: Standing) -> NextStep:
    missing = found.test_questions_needed - found.test_questions
    if not found.rows:
        return NextStep(_("Upload the table and the images."), _("Upload"), "data")
    if not found.work and not found.test_questions:
        return NextStep(_("Add the images: every row is held."), _("Upload"), "data")
    if missing > 0 and found.offered:
        words = ngettext(
            "Turn {count} labelled row into a test question.",
            "Turn {count} labelled rows into test questions.",
            found.offered,
        ).format(count=found.offered)
        at_once = "all" if all_may_be_tests(found.offered, found.work) else ""
        return NextStep(words, _("Make test questions"), "quality", at_once)
    if missing > 0:
        words = ngettext(
            "{count} more test question would turn the quiz on. You can launch without.",
            "{count} more test questions would turn the quiz on. You can launch without.",
            missing,
        ).format(count=missing)
        return NextStep(words, _("Look at the launch"), "launch")
    return NextStep(_("Everything is ready to launch."), _("Check and launch"), "launch")


def _after_launch(found: Standing) -> NextStep:
    if found.job.state == JobState.PAUSED:
        return NextStep(_("The job is paused: no pages are handed out."), _("Resume"), "launch")
    if found.job.state == JobState.FINISHED and found.job.pilot_rows is not None:
        return NextStep(_("The pilot is judged. Look at its report."), _("See the pilot"), "launch")
    if found.job.state == JobState.FINISHED:
        return NextStep(_("Every row is judged."), _("Get the results"), "results")
    if found.job.state == JobState.CANCELED:
        return NextStep(_("The job was canceled; all judgments are kept."), _("Look"), "results")
    if not found.contributors:
        return NextStep(_("Invite the people who will judge."), _("Invite"), "launch")
    return NextStep(_("The job is running."), _("See how it goes"), "monitor")


def tab_address(job: Job, tab: str) -> str:
    return reverse(tab, kwargs={"job": job.pk})
