"""Results leave: the reference platform's reports, and the data set."""

import hmac
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.db.models import QuerySet

from overread.core.aggregation import Agreed, Averaged, Collected, Shared
from overread.core.design import as_values
from overread.core.export import Labelled, joined, split_by_patient
from overread.core.intake import DICOM_PATIENT
from overread.core.marks import read_marks
from overread.core.problems import Problem, Refused
from overread.core.states import UnitState
from overread.flows import audit
from overread.flows.aggregation import Answer, Results, UnitResult, results, settle
from overread.flows.documents import datasheet
from overread.flows.near_duplicates import compare
from overread.formats.appen_reports import (
    AGAIN,
    FIRST,
    AggregatedRow,
    FullRow,
    Result,
    Second,
    write_aggregated,
    write_full,
)
from overread.formats.cml.shapes import read_shapes, write_shapes
from overread.formats.image_folders import Item, own_name, write_image_folders
from overread.imaging.isolation import pool
from overread.store import blobs
from overread.store.judging import mark
from overread.store.models import DatasetVersion, Image, ImportedJudgment, Job, TestQuestion, User
from overread.store.queries import imported as there
from overread.store.queries.aggregation import Contributor, Judged, judged_images
from overread.store.queries.near_duplicates import alike
from overread.store.write import write

CHANNEL = "overread"
SIMULATED = "simulated"
WITHHELD = "a name may be visible on the image"


def aggregated_report(job: Job, out: TextIO) -> None:
    """One line per unit, in the reference platform's aggregated columns."""
    found, keys = results(job), there.unit_keys(job)
    second: dict[str, Second] = {
        question.name: question.second_column for question in found.design.questions
    }
    tested = _tested(found)
    columns = [*_columns(found), *(f"{name}_gold" for name in tested)]
    rows = (_aggregated(one, tested, keys) for one in found.units)
    write_aggregated(out, second, columns, rows)


def _aggregated(
    result: UnitResult, tested: Sequence[str], keys: Mapping[int, str]
) -> AggregatedRow:
    judged = result.judged
    last = max((one.created_at for one in result.counted), default=None)
    return AggregatedRow(
        unit_id=keys.get(judged.unit.pk, judged.unit.pk),
        golden=_is_golden(judged),
        unit_state=judged.report_state,
        trusted_judgments=len(result.counted),
        last_judgment_at=None if judged.golden else last,
        results={
            name: _cells(answer, f"{judged.unit.pk}")
            for name, answer in result.answers.items()
            if answer
        },
        data={**judged.unit.data, **_gold(judged, tested)},
    )


def _is_golden(judged: Judged) -> bool:
    """A test question that is not in use says no, though its unit's state is golden."""
    return judged.golden is not None and judged.golden.state == TestQuestion.State.ENABLED


def _cells(answer: Answer, name: str) -> Result:
    """Several answers stand each in a line of the cell, and so do their confidences."""
    match answer:
        case Averaged():
            return Result(f"{round(answer.mean, 4):g}", [answer.variance])
        case Shared():
            return Result("\n".join(answer.answers), answer.confidences)
        case Collected():
            lines = [_shapes(value, f"{name}-{n}") for n, value in enumerate(answer.values, 1)]
            return Result("\n".join(lines), [])
    return Result(answer.answer, [answer.confidence])


def _shapes(value: str, name: str) -> str:
    marks = read_shapes(value) if value.startswith("[") else []
    return write_shapes(marks, name) if marks else value


def full_report(job: Job, out: TextIO) -> None:
    """One line per judgment, untrusted ones too, in the reference platform's full columns."""
    found = results(job)
    tested = _tested(found)
    gold = [f"{name}{end}" for name in tested for end in ("_gold", "_gold_reason")]
    names = [question.name for question in found.design.questions]
    again = job.repeat_share > 0 or any(
        judgment.is_repeat for one in found.units for judgment in one.judged.judgments
    )
    rows = _full_rows(job, found, tested)
    write_full(out, names, [*_columns(found), *gold], rows, readings=again)


def _full_rows(job: Job, found: Results, tested: Sequence[str]) -> Iterator[FullRow]:
    keys, came_over = there.unit_keys(job), there.judgments(job)
    for result in found.units:
        judged = result.judged
        marks = mark(judged.judgments) if judged.golden else {}
        data = {**judged.unit.data, **_gold(judged, tested)}
        for judgment in judged.judgments:
            by = found.contributors[judgment.participation_id]
            answers = {
                name: _printed(value, f"{judgment.pk}") for name, value in judgment.answers.items()
            }
            row = FullRow(
                unit_id=keys.get(judged.unit.pk, judged.unit.pk),
                created_at=judgment.created_at,
                golden=_is_golden(judged),
                id=judgment.pk,
                missed=marks[judgment.pk].missed if judgment.pk in marks else None,
                started_at=judgment.page.created_at,
                tainted=by.tainted,
                channel=SIMULATED if by.participation.simulated else CHANNEL,
                trust=by.trust,
                worker_id=by.participation.pseudonym,
                answers=answers,
                data=data,
                reading="" if judgment.test_id else AGAIN if judgment.is_repeat else FIRST,
            )
            one = came_over.get(judgment.pk)
            yield _as_it_came(row, one, by) if one else row


def _as_it_came(row: FullRow, one: ImportedJudgment, by: Contributor) -> FullRow:
    """One from the reference platform, in that platform's words."""
    assert by.imported is not None
    return replace(
        row,
        id=one.key,
        missed=one.missed,
        trust=one.trust if by.trust == by.imported.trust else row.trust,
        worker_id=by.imported.key,
        channel=one.channel,
        country=one.country,
    )


def _printed(answer: object, name: str) -> str:
    """An answer in a cell: several values each in a line, marks as the platform's shapes."""
    marks = read_marks(answer)
    return write_shapes(marks, name) if marks else "\n".join(as_values(answer))


def _tested(found: Results) -> list[str]:
    return [question.name for question in found.design.questions if question.tested]


def _columns(found: Results) -> list[str]:
    return list(dict.fromkeys(name for one in found.units for name in one.judged.unit.data))


def _gold(judged: Judged, tested: Sequence[str]) -> dict[str, str]:
    version = judged.golden.current if judged.golden else None
    if version is None:
        return {}
    cells = {}
    for name in tested:
        cells[f"{name}_gold"] = "\n".join(version.accepted.get(name, ()))
        cells[f"{name}_gold_reason"] = version.reasons.get(name, "")
    return cells


@dataclass(frozen=True)
class _Label:
    """A unit's label in the data set, or why it has none."""

    label: str | None
    source: str
    confidence: float | None = None
    reason: str = ""


def export_folders(
    job: Job, folder: Path, *, actor: User | None, at: datetime, version: str = ""
) -> int:
    """Write the job's data set as image folders; returns the number of images.

    Patients get other pseudonyms in each `version`, which is the instant where it has no name, but
    stay in their split. Units are split by patient, near-duplicates together. What is unsure, tied
    or unfinished lies in unresolved/; held rows stand in metadata.csv with their reason.
    Raises formats.image_folders.FolderError.
    """
    compare(job)
    found = results(job)
    labels = {one.judged.unit.pk: _label(one, found) for one in found.units}
    keys = {one.judged.unit.pk: patient_key(job, one.judged, version="") for one in found.units}
    together = joined(keys, alike(job))
    splits = split_by_patient(
        [
            Labelled(one.judged.unit.pk, together[one.judged.unit.pk], label)
            for one in found.units
            if (label := labels[one.judged.unit.pk].label) is not None
        ],
        seed=f"job {job.pk}",
    )
    pictures = judged_images(job)
    written = write_image_folders(
        folder,
        (
            _item(
                job,
                one,
                labels[one.judged.unit.pk],
                splits.get(one.judged.unit.pk),
                pictures.get(one.judged.unit.pk),
                version or at.isoformat(),
            )
            for one in found.units
        ),
        {"datasheet.md": datasheet(job)},
    )
    settle(job, found, at=at)
    with write():
        audit.record("export data set", job, actor=actor, at=at, images=written)
    return written


def _label(result: UnitResult, found: Results) -> _Label:
    unit, question = result.judged.unit, found.design.main_question
    given = unit.given.get(question.name)
    if unit.held is not None:
        return _Label(None, "none", reason=str(Problem.from_document(unit.held)))
    if given is not None and not result.counted:
        return _Label(given, "given")
    if result.judged.golden is not None:
        known = given or _only_accepted(result.judged.golden, question.name)
        return _Label(known, "given") if known else _Label(None, "none", reason="test question")
    return _consensus(result, question.name, {c.value for c in question.choices if c.settles})


def _only_accepted(test: TestQuestion, question: str) -> str | None:
    """What a test question says that its image shows, where it accepts one answer alone."""
    accepted: list[str] = test.current.accepted.get(question, []) if test.current else []
    return accepted[0] if len(accepted) == 1 else None


def _consensus(result: UnitResult, question: str, settled: set[str]) -> _Label:
    agreed = result.answers[question]
    cannot = sum(one.cannot_be_judged for one in result.counted)
    if result.judged.standing != UnitState.FINALIZED:
        return _Label(None, "none", reason="not enough judgments yet")
    if agreed is None or 2 * cannot >= len(result.counted):
        return _Label(None, "consensus", reason="contributors say it can't be judged")
    assert isinstance(agreed, Agreed)
    if agreed.tied:
        return _Label(None, "consensus", agreed.confidence, "tied")
    if agreed.answer not in settled:
        return _Label(None, "consensus", agreed.confidence, f"consensus is {agreed.answer}")
    return _Label(agreed.answer, "consensus", agreed.confidence)


def patient_key(job: Job, judged: Judged, *, version: str) -> str:
    """A pseudonym for the unit's patient; the unit itself where none is known.

    Two versions of a data set can't be joined by it. Without a version it never leaves the house.
    """
    unit = judged.unit
    name = f"patient {unit.patient.key}" if unit.patient else f"unit {unit.pk}"
    secret = f"{settings.SECRET_KEY} data set {version} of job {job.pk}"
    return hmac.new(secret.encode(), name.encode(), "sha256").hexdigest()[:16]


def _item(
    job: Job,
    result: UnitResult,
    label: _Label,
    split: str | None,
    image: Image | None,
    version: str,
) -> Item:
    unit = result.judged.unit
    shown = image if unit.held is None and image and not image.may_name_somebody else None
    leading = {job.patient_column, job.columns.study}  # back to the person, as accession numbers do
    own = {own_name(name): cell for name, cell in unit.data.items() if name not in leading}
    fields = {
        **own,
        "label_source": label.source,
        "confidence": "" if label.confidence is None else f"{label.confidence:.4f}",
        "judgments": str(len(result.counted)),
        "cannot_be_judged": str(sum(one.cannot_be_judged for one in result.counted)),
        "patient": patient_key(job, result.judged, version=version),
        "patient_source": _patient_source(job, result.judged),
        "state": result.judged.report_state,
        "reason": label.reason or ("" if shown or image is None else WITHHELD),
        "synthetic": str(bool(image and image.synthetic)).lower(),
    }
    return Item(unit.number, split, label.label, _pixels(shown), fields)


def _patient_source(job: Job, judged: Judged) -> str:
    if judged.unit.patient is None:
        return "one patient per image"
    if judged.unit.patient.key.startswith(DICOM_PATIENT) and not job.patient_column:
        return "DICOM"
    return f"column {job.patient_column}" if job.patient_column else "file name pattern"


def _pixels(image: Image | None) -> Callable[[], bytes] | None:
    return partial(_lossless, image) if image else None


def _lossless(image: Image) -> bytes:
    original = image.original
    return pool().export(
        blobs.read(original), original.media_type, image.greys, synthetic=image.synthetic
    )


def dataset_file(version: DatasetVersion) -> Path:
    """Where the zip of a data set version lies."""
    return Path(settings.HOME) / "datasets" / str(version.job_id) / f"{version.number}.zip"


def start_dataset(job: Job, *, at: datetime) -> DatasetVersion:
    with write():
        last = job.datasets.order_by("-number").first()
        number = last.number + 1 if last else 1
        return DatasetVersion.objects.create(job=job, number=number, created_at=at)


def build_dataset(version: DatasetVersion, *, actor: User | None, at: datetime) -> None:
    """Export the job as image folders and zip them; what is refused ends as its reason."""
    target = dataset_file(version)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{version.number}-", dir=target.parent) as beside:
        folder, packed = Path(beside) / target.stem, Path(beside) / target.name
        try:
            version.images = export_folders(
                version.job, folder, actor=actor, at=at, version=f"{version.number}"
            )
        except Refused as refused:
            fail_dataset(version, refused.problem)
            return
        _zip(folder, packed, inside=f"job-{version.job_id}-dataset-{version.number}")
        with write():
            if _still_building(version).update(
                state=DatasetVersion.State.READY, images=version.images
            ):
                packed.replace(target)
    version.refresh_from_db()


def _still_building(version: DatasetVersion) -> QuerySet[DatasetVersion]:
    """None once it was withdrawn: somebody in it was erased meanwhile."""
    return DatasetVersion.objects.filter(pk=version.pk, state=DatasetVersion.State.BUILDING)


def _zip(folder: Path, packed: Path, *, inside: str) -> None:
    """PNGs are compressed already, so nothing is compressed again."""
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, Path(inside) / path.relative_to(folder))


def fail_dataset(version: DatasetVersion, problem: Problem) -> None:
    with write():
        _still_building(version).update(
            state=DatasetVersion.State.FAILED, reason=problem.document()
        )
    version.refresh_from_db()
