"""An upload's preview: looked at as often as the owner says something else, then read or thrown
away. Nothing of it is stored but what was seen.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from overread.core.golden import meanings
from overread.core.problems import Message, Problem, Refused
from overread.flows import audit
from overread.flows.intake.asking import fetch_asked
from overread.flows.intake.clearing import drop
from overread.flows.intake.drafts import Options
from overread.flows.intake.journal import folder_of
from overread.flows.intake.looking import lines_by_name, look_through
from overread.flows.intake.outcome import KEPT, refuse_any
from overread.flows.intake.plan import plan_for
from overread.flows.intake.sources import opened
from overread.flows.intake.storing import Stopped
from overread.flows.intake.taking_in import Watch, refuse, unseen
from overread.flows.intake.units import Kind
from overread.store.models import Intake, Job, User
from overread.store.models.intake import SHOWN_FIRST
from overread.store.queries.design import design_of
from overread.store.queries.intake import foundation
from overread.store.write import write

PROBLEMS = "problems.ndjson"
# So often a look is begun that ends with its process, as over a table may that nobody thought of.
TRIES = 2


def look(intake: Intake) -> None:
    """Look through an upload; one that is refused as a whole has ended.

    One that is discarded meanwhile is left alone.
    """
    _begin(intake)
    try:
        with _Problems(folder_of(intake.pk) / PROBLEMS) as problems:
            _end(intake, **_seen(intake, problems))
    except Refused as refused:
        if "found" in intake.preview:
            _end(intake, refused=refused.problem.document())
        else:
            refuse(intake, refused.problem)
            drop(intake.pk)
    except Stopped:
        drop(intake.pk)


def _begin(intake: Intake) -> None:
    intake.attempts += 1
    with write():
        intake.save(update_fields=["attempts"])


def _seen(intake: Intake, problems: "_Problems") -> dict[str, Any]:
    """Raises Refused."""
    job, options = Job.objects.select_related("team").get(pk=intake.job_id), options_of(intake)
    rests_on = foundation(job)
    watch = Watch(intake, unseen, Intake.State.LOOKING)
    fetch_asked(intake, watch)
    with opened([Path(path) for path in intake.sources], options) as found:
        plan = plan_for(job, found, options)
        lines = lines_by_name(plan, found, watch)
        seen = look_through(plan, found, lines, problems.add)
    if plan.kind == Kind.REPLACE and found.tables:
        # It is read as it was shown, whatever a later guess would be.
        intake.options = asdict(replace(options, roles=plan.reading.columns.roles()))
    return {"found": seen.document(), "foundation": rests_on, **problems.document()}


def _end(intake: Intake, **seen: Any) -> None:
    preview = {**intake.preview, "refused": None, **seen}
    looking = Intake.objects.filter(pk=intake.pk, state=Intake.State.LOOKING)
    with write():
        looking.update(
            state=Intake.State.PREVIEWED, preview=preview, options=intake.options, attempts=0
        )


class _Problems:
    """The first ones to be shown, all of them in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._first: list[Problem] = []
        self._count = 0

    def __enter__(self) -> Self:
        self._file = self._path.open("w", encoding="utf-8")
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def add(self, problem: Problem) -> None:
        self._count += 1
        if len(self._first) < KEPT:
            self._first.append(problem)
        self._file.write(json.dumps(problem.document()) + "\n")

    def document(self) -> dict[str, Any]:
        return {"problems": [one.document() for one in self._first], "problem_count": self._count}


def problems_of(intake: Intake) -> Iterator[Problem]:
    """Every problem that the latest look found."""
    with (folder_of(intake.pk) / PROBLEMS).open(encoding="utf-8") as file:
        for line in file:
            yield Problem.from_document(json.loads(line))


def options_of(intake: Intake) -> Options:
    return Options(**intake.options)


def is_outdated(intake: Intake) -> bool:
    """Whether the job is no longer what the preview was made for."""
    return bool(intake.preview.get("foundation") != foundation(intake.job))


def own_words(job: Job, options: Options) -> Options:
    """Without the meanings that the design gives by itself: they change with it."""
    known = meanings(design_of(job).main_question)
    own = {cell: means for cell, means in options.meanings.items() if known.get(cell) != means}
    return replace(options, meanings=own)


def choose(intake: Intake, options: Options) -> None:
    """Have the upload looked at again with other options. Raises Refused."""
    _leave_preview(intake, Intake.State.LOOKING, options)


def settle(intake: Intake) -> None:
    """The owner has seen the preview, and wants it so. Raises Refused."""
    if intake.preview["refused"]:
        raise Refused(Problem.from_document(intake.preview["refused"]))
    options, found = options_of(intake), intake.preview["found"]
    if options.all_or_nothing:
        refuse_any(found["held"] + found["left_out"])
    _leave_preview(intake, Intake.State.WAITING, replace(options, confirmed=True))


def discard(intake: Intake, *, actor: User | None, at: datetime) -> None:
    """Forget an upload that nothing is stored of; looked at or not. Raises Refused."""
    with write():
        deleted, _ = Intake.objects.filter(pk=intake.pk, state__in=SHOWN_FIRST).delete()
        if deleted:
            audit.record("discard upload", intake.job, actor=actor, at=at, intake=intake.pk)
    if not deleted:
        raise _gone_on()
    drop(intake.pk)


def _leave_preview(intake: Intake, state: Intake.State, options: Options) -> None:
    """Once, whoever else wants it: to be looked at again, or read."""
    shown = Intake.objects.filter(pk=intake.pk, state=Intake.State.PREVIEWED)
    with write():
        moved = shown.update(state=state, options=asdict(options), done=0, total=0)
    if not moved:
        raise _gone_on()


def _gone_on() -> Refused:
    return Refused.because(
        Message("The upload is no longer as this page showed it."),
        Message("Look at what the page shows now."),
    )
