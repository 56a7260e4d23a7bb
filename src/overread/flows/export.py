"""The data set leaves: images in folders by label, with what goes with them."""

import hmac
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet

from overread.core.aggregation import Agreed
from overread.core.aggregation.drawn_images import DrawnImage
from overread.core.export import Labelled, joined, split_by_patient
from overread.core.intake import DICOM_PATIENT
from overread.core.problems import Problem, Refused
from overread.core.states import UnitState
from overread.flows import audit
from overread.flows.aggregation import Results, UnitResult, results, settle
from overread.flows.documents import datasheet
from overread.flows.near_duplicates import compare
from overread.formats.coco import AnnotatedImage
from overread.formats.image_folders import Item, own_name, write_image_folders
from overread.imaging.isolation import pool
from overread.store import blobs
from overread.store.models import DatasetVersion, Image, Job, TestQuestion, User
from overread.store.queries.aggregation import Judged, judged_images
from overread.store.queries.near_duplicates import alike
from overread.store.write import write

WITHHELD = "a name may be visible on the image"


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
                _annotated(one, found),
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
    drawn: Mapping[str, DrawnImage] | None,
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
    annotated = AnnotatedImage(shown.width, shown.height, drawn) if shown and drawn else None
    return Item(unit.number, split, label.label, _pixels(shown), fields, annotated)


def _annotated(result: UnitResult, found: Results) -> dict[str, DrawnImage]:
    """What was drawn on a row that has its judgments, by question; never of a test question."""
    judged = result.judged
    if judged.golden is not None or judged.standing != UnitState.FINALIZED:
        return {}
    units = {name: by_unit.get(judged.unit.pk) for name, by_unit in found.drawn.items()}
    return {name: one.image for name, one in units.items() if one}


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
