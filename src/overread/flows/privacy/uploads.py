"""What of a patient waits to come in: uploads that have not ended, and what was received.

Such an upload goes as a whole: what is left of one without a patient's files and cells would be
another upload, at which nobody has looked.
"""

import json
import re
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from django.conf import settings

from overread.core.intake import DICOM_PATIENT
from overread.core.problems import Problem, Refused
from overread.flows import audit
from overread.flows.intake.archive_sources import received
from overread.flows.intake.clearing import forget
from overread.flows.intake.dicom import patient_of
from overread.flows.intake.journal import is_read_now, journal_of
from overread.flows.intake.passing_folders import clear_left
from overread.flows.intake.previewing import options_of
from overread.flows.intake.sources import Sources, opened
from overread.flows.intake.stopping import let_go_on
from overread.flows.intake.taking_in import go_on, stop
from overread.formats.tables import Row
from overread.imaging.isolation import pool
from overread.store.models import Erasure, Image, Intake, Patient
from overread.store.models.intake import NOT_ENDED, UNFINISHED
from overread.store.queries.privacy import DROPPED_UPLOADS, images_of, rows_of
from overread.store.unused import remove_unused
from overread.store.uploads import cancel_all
from overread.store.write import write


def erase_waiting(erasure: Erasure, patient: Patient, *, at: datetime) -> None:
    """Before the patient's rows go, by which a DICOM patient is known whom a table calls otherwise.

    Once more finds what is left.
    """
    clear_left()
    wanted = _Wanted.of(patient)
    for file in received().files():
        if wanted.shows(_read(file)):
            file.unlink(missing_ok=True)
    for job in erasure.team.jobs.order_by("pk"):
        if count := cancel_all(str(job.pk)):  # nobody can say whom half of an archive shows
            with write():
                _record(erasure, at, job=job.pk, count=count)
        for intake in job.intakes.filter(state__in=NOT_ENDED).order_by("pk"):
            if wanted.is_in(intake):
                _drop(erasure, intake, wanted, at)


class _Wanted:
    """Keys of one patient, and what tells that an upload holds something of theirs.

    A key is looked for as a word, wherever it stands: better an upload too many is given again.
    """

    def __init__(self, keys: Collection[str], images: Collection[int]) -> None:
        self.images = frozenset(images)
        self._dicom = {key for key in keys if key.startswith(DICOM_PATIENT)}
        # Also as JSON has them, of which the cells of a journal's lines are made.
        written = {
            form for key in keys for form in (key, json.dumps(key)[1:-1], _as_json(key)[1:-1])
        }
        words = "|".join(map(re.escape, sorted(written)))
        self._words = re.compile(rf"(?<![^\W_])(?:{words})(?![^\W_])")

    @classmethod
    def of(cls, patient: Patient) -> "_Wanted":
        shown = Image.objects.filter(unit_images__unit__in=rows_of(patient))
        named = shown.exclude(study=None).values_list("study__patient__key", flat=True)
        return cls({patient.key, *named}, images_of(patient).values_list("pk", flat=True))

    def is_in(self, intake: Intake) -> bool:
        said = (intake.sources, intake.problems, intake.preview, intake.options)
        return (
            any(self._names(_as_json(one)) for one in said)
            or self._is_in_files(intake)
            or bool(not is_read_now(intake) and self.pictures_of(intake))
        )

    def pictures_of(self, intake: Intake) -> list[int]:
        """Images that it kept from lines of this patient; [0] where there are lines alone."""
        found: set[int] = set()
        with journal_of(intake) as journal:
            for line in journal.lines():
                kept = {picture.image for picture in line.pictures}
                said = (line.patient, line.data, line.problem)
                if kept & self.images or any(map(self._names, said)):
                    found |= kept or {0}
        return sorted(found)

    def _is_in_files(self, intake: Intake) -> bool:
        """What can't be read may hold anybody."""
        own = [Path(one) for one in intake.sources]
        own = [one for one in own if one.is_relative_to(settings.UPLOADS)]
        try:
            with opened(own, options_of(intake)) as found:
                return self._is_among(found)
        except Refused:
            return True

    def _is_among(self, found: Sources) -> bool:
        files = found.files
        names = (*files.names(), *(entry.name for entry in files.others()))
        tables = (row for table in found.tables for row in table)
        return (
            any(map(self._names, names))
            or any(self._names("\n".join(_texts(row))) for row in tables)
            or (bool(self._dicom) and any(self.shows(files.read(e)) for e in files.entries()))
        )

    def _names(self, text: str) -> bool:
        return bool(self._words.search(text))

    def shows(self, data: bytes) -> bool:
        """Whether a DICOM file is of this patient; one that can't be read never comes in."""
        if not self._dicom:
            return False
        try:
            facts = pool().prepare(data).facts
        except Refused:
            return True
        return patient_of(facts) in self._dicom


def _texts(row: Row | Problem) -> Collection[str]:
    return [_as_json(row.document())] if isinstance(row, Problem) else list(row.cells.values())


def _as_json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:  # taken in meanwhile
        return b""


def _drop(erasure: Erasure, intake: Intake, wanted: _Wanted, at: datetime) -> None:
    """As if it had never been; one whose rows go into the job is ended, and they are erased.

    Its files go before its row: that is found again where this breaks off.
    """
    if intake.target is None:
        stop(intake)
    pictures = wanted.pictures_of(intake)  # waits until nobody is at it
    now = Intake.objects.filter(pk=intake.pk).select_related("job").first()
    if now is not None and now.target is not None and now.state in UNFINISHED:
        let_go_on(now, actor=erasure.actor, at=at)
        go_on(now)
        return
    remove_unused([one for one in pictures if one not in wanted.images])  # those go at the end
    forget(intake.pk)
    with write():
        deleted, _ = Intake.objects.filter(pk=intake.pk, state__in=NOT_ENDED).delete()
        if deleted:
            _record(erasure, at, job=intake.job_id, count=1)


def _record(erasure: Erasure, at: datetime, *, job: int, count: int) -> None:
    audit.record(DROPPED_UPLOADS, erasure, actor=erasure.actor, at=at, job=job, count=count)
