"""overread intake: tables, images, folders and archives become a job's rows."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from overread.cli.output import (
    HELD,
    console,
    fail,
    job_or_fail,
    progress,
    refusals,
    say,
    translated,
    written,
)
from overread.core.problems import Problem, Refused
from overread.flows.intake import (
    Options,
    Outcome,
    Preview,
    go_on,
    let_go_on,
    start_intake,
    take_in,
    undo_intake,
    what_if,
)
from overread.flows.intake.archive_sources import Listed
from overread.flows.intake.known_archives import archive_called, read_source
from overread.flows.intake.remote import Fetched, Given, fetched
from overread.formats.problem_tables import COLUMNS, HEADER, problem_cells, problem_line
from overread.store.models import Intake, Job
from overread.store.queries.intake import unfinished_intake

SHOWN = 20


class OnError(StrEnum):
    SKIP = "skip"
    REFUSE = "refuse"


def intake(
    job: Annotated[int, typer.Argument(metavar="JOB", help="The job's id.")],
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE...",
            help="Tables, images, folders, zip and tar archives; pacs:NAME?KEY=VALUE&… and "
            "dicomweb+https://HOST/PATH?KEY=VALUE&… for what an archive holds, pacs:received for "
            "what it pushed here.",
        ),
    ] = None,
    labels_from_folders: Annotated[
        bool, typer.Option(help="An image's folder is its label, such as NORMAL/scan-1.jpeg.")
    ] = False,
    accessions_from: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="SOURCE lists accession numbers: fetch them from this archive."
        ),
    ] = None,
    fetch: Annotated[
        bool,
        typer.Option(
            "--fetch", help="Get images that no file has from the addresses in the table."
        ),
    ] = False,
    on_error: Annotated[
        OnError, typer.Option(help="Take the good rows, or refuse all for one problem.")
    ] = OnError.SKIP,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="A table of every problem.")
    ] = None,
    only_what_if: Annotated[
        bool, typer.Option("--what-if", help="Store nothing; say what would be done.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    goes_on: Annotated[
        bool, typer.Option("--go-on", help="Go on with what was stopped or broken off.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take back what was stopped.")] = False,
) -> None:
    """Take sources into a job. Rows find their images by file name.

    A table replaces the rows of a draft, and is added to those of a launched job; images alone
    fill rows that lack theirs, or become rows. Ctrl+C stops it, to be gone on with or undone.
    Exit code 3: done, but rows or files were held or left out.
    """
    if bool(sources) + goes_on + undo != 1:
        raise typer.BadParameter(_("Give sources, or --go-on, or --undo."))
    options = Options(
        labels_from_folders=labels_from_folders,
        all_or_nothing=on_error == OnError.REFUSE,
        fetch=fetch,
    )
    with refusals(), _reported(report) as told:
        found = job_or_fail(job)
        if undo:
            undo_intake(_unfinished(found), actor=None, at=datetime.now(UTC))
            return
        given = _given(sources or [], accessions_from)
        preview = None
        if only_what_if:
            preview, outcome = _look_through(found, given, options, told)
        elif goes_on:
            outcome = _go_on(found, told)
        else:
            outcome = run_intake(found, given, options, datetime.now(UTC), told)
        if outcome.refused and not told.count:
            told.list(outcome.refused)
        if as_json:
            document = _document(found, outcome, told.shown, stored=not only_what_if)
            print(json.dumps(document | (preview.examples() if preview else {})))
        elif preview:
            _say_plan(preview)
    if outcome.refused:
        raise fail(say(outcome.refused))
    if not as_json:
        say_outcome(outcome)
    if outcome.wrong:
        raise typer.Exit(HELD)


def _given(sources: Sequence[str], accessions_from: str | None) -> list[Given]:
    if accessions_from is None:
        return [read_source(one) for one in sources]
    archive = archive_called(accessions_from)
    return [Listed(accessions_from, archive, Path(one)) for one in sources]


class Told:
    """Every problem is counted and written to the report, if there is one; the first ones are
    shown.
    """

    def __init__(self, write: Callable[[str], object] | None = None) -> None:
        self.count = 0
        self.shown: list[dict[str, Any]] = []
        self._write = write

    def list(self, problem: Problem) -> Problem:
        """Write it down; the same in the language of the command line."""
        self.count += 1
        told = problem.said(translated)
        if self._write is not None:
            self._write(problem_line(told))
        return told

    def __call__(self, problem: Problem) -> None:
        if self._write is None and len(self.shown) >= SHOWN:
            self.count += 1
            return
        told = self.list(problem)
        if len(self.shown) < SHOWN:
            console.print(str(told), markup=False)
            self.shown.append(
                {**dict(zip(COLUMNS, problem_cells(told), strict=True)), "row": told.row}
            )


@contextmanager
def _reported(path: Path | None) -> Iterator[Told]:
    if path is None:
        yield Told()
        return
    with written(path) as out:
        out.write(HEADER)
        yield Told(out.write)


def run_intake(
    job: Job, given: Sequence[Given], options: Options, at: datetime, told: Told
) -> Outcome:
    """Take in, with a bar and the first problems on stderr. Raises Refused."""
    with _fetched(job, given) as found:
        started = start_intake(job, actor=None, at=at)
        sources = found.hand_over(started)
    with _stopping_with_words(job), progress(_("Reading images")) as moved:
        outcome = take_in(started, sources, options=options, report=told, progress=moved)
    return _told(job, outcome, told)


def _go_on(job: Job, told: Told) -> Outcome:
    found = _unfinished(job)
    let_go_on(found, actor=None, at=datetime.now(UTC))
    with _stopping_with_words(job), progress(_("Reading images")) as moved:
        outcome = go_on(found, report=told, progress=moved)
    return _told(job, outcome, told)


def _told(job: Job, outcome: Outcome, told: Told) -> Outcome:
    if outcome.stopped:
        raise fail(_stopped_words(job))
    if told.count > SHOWN:
        more = ngettext("{n} more problem", "{n} more problems", told.count - SHOWN)
        console.print(more.format(n=told.count - SHOWN))
    return outcome


@contextmanager
def _stopping_with_words(job: Job) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise fail(_stopped_words(job)) from None


def _stopped_words(job: Job) -> str:
    words = _("Stopped. Go on with `overread intake {job} --go-on`, or undo it with --undo.")
    return words.format(job=job.pk)


def _unfinished(job: Job) -> Intake:
    found = unfinished_intake(job)
    if found is None:
        raise fail(_("no upload of this job waits to go on"))
    return found


def _look_through(
    job: Job, given: Sequence[Given], options: Options, told: Told
) -> tuple[Preview | None, Outcome]:
    try:
        with _fetched(job, given) as found, progress(_("Reading images")) as moved:
            preview = what_if(job, found.paths, options=options, report=told, progress=moved)
    except Refused as refused:
        return None, Outcome(refused=refused.problem)
    return preview, preview.outcome


@contextmanager
def _fetched(job: Job, given: Sequence[Given]) -> Iterator[Fetched]:
    """With a bar where something is fetched."""
    is_all_here = all(isinstance(one, Path) for one in given)
    bar = nullcontext(_unseen) if is_all_here else progress(_("Fetching studies"))
    with ExitStack() as stack:
        with bar as moved:
            found = stack.enter_context(fetched(job, given, moved))
        yield found


def _unseen(done: int, total: int) -> None:
    """Nothing is fetched."""


def _say_plan(preview: Preview) -> None:
    print(_("Nothing was stored. This would be done:"))
    for line in chain(_plan(preview.outcome), _labels(preview), _patients(preview)):
        print(f"  {line}")


def _plan(outcome: Outcome) -> Iterator[str]:
    columns = outcome.columns
    assert columns is not None
    if outcome.replaced:
        yield _("The job's {n} rows are replaced.").format(n=outcome.replaced)
    roles = {
        "image": _("Column “{column}” names the image."),
        "lateral": _("Column “{column}” names the lateral image."),
        "prior": _("Column “{column}” names the prior image."),
        "label": _("Column “{column}” gives the label."),
        "patient": _("Column “{column}” tells patients apart."),
        "study": _("Column “{column}” tells studies apart."),
        "age": _("Column “{column}” gives the age."),
        "sex": _("Column “{column}” gives the sex."),
        "view": _("Column “{column}” gives the view."),
    }
    for column, role in columns.roles().items():
        yield roles[role].format(column=column)
    yield from _deidentified(outcome)
    yield _("{n} images are stored, with their copies for the browser.").format(n=outcome.images)


def _labels(preview: Preview) -> Iterator[str]:
    for one in preview.label_meanings():
        if one["answer"]:
            words = _("“{cell}” means {answer}")
        elif one["answer"] is None:
            words = _("“{cell}” is not a known label")
        else:
            words = _("“{cell}” means no label")
        rows = ngettext("{n} row", "{n} rows", one["rows"]).format(n=one["rows"])
        yield f"{words.format(**one)}: {rows}."


def _patients(preview: Preview) -> Iterator[str]:
    rule = preview.outcome.rule
    if rule is None:
        return
    yield _("Patients are told apart by file names: {rule}.").format(rule=rule.name)
    for key, names in preview.groups.examples():
        yield f"  {key}: {', '.join(names)}"


def _deidentified(outcome: Outcome) -> Iterator[str]:
    """What is done with the attributes of DICOM files; never a value of theirs."""
    words = {
        "picture": _("The picture and how it is shown: kept."),
        "readers": _("Modality, age, sex, view, body part, side: kept as known terms and bands."),
        "age": _("Birth date and study date: removed, once they have told the age band."),
        "keys": _("Patient ID, its issuer and the study: replaced by keyed hashes."),
        "accession": _("Accession number: removed; sealed for the custodian where there is one."),
        "persons": _("Names of persons: removed."),
        "dates": _("Other dates and times: removed, not shifted."),
        "uids": _("Other identifiers (UID): removed."),
        "content": _("Sequences and structured content: removed."),
        "overlays": _("Overlays and curves: removed."),
        "private": _("Private attributes: removed."),
        "others": _("All others, such as institutions, devices and comments: removed."),
    }
    if outcome.files:
        yield _("Of DICOM files ({n} attributes in all):").format(n=outcome.attributes.total())
    for group, said in words.items():
        if files := outcome.files[group]:
            count = outcome.attributes[group]
            yield "  " + _("{said} {n} attributes in {files} files.").format(
                said=said, n=count, files=files
            )


def say_outcome(outcome: Outcome) -> None:
    labels = ", ".join(f"{count} {answer}" for answer, count in sorted(outcome.labelled.items()))
    console.print(
        _("{rows} rows, {images} images, {labelled} labelled ({labels}), {held} held").format(
            rows=outcome.rows,
            images=outcome.images,
            labelled=outcome.labelled.total(),
            labels=labels or "-",
            held=outcome.held,
        ),
        markup=False,
    )
    if outcome.left_out:
        left = ngettext("{n} row or file left out", "{n} rows or files left out", outcome.left_out)
        console.print(left.format(n=outcome.left_out))
    if outcome.rule:
        console.print(
            _("{count} patients in {rows} rows, told apart by their file names.").format(
                rows=outcome.rows, count=outcome.people
            )
        )


def _document(job: Job, outcome: Outcome, shown: list[dict[str, Any]], *, stored: bool) -> Any:
    refused = outcome.refused
    return {
        "job": job.pk,
        "stored": stored and refused is None,
        "refused": say(refused) if refused else None,
        **outcome.document(),
        "problems": shown,
    }
