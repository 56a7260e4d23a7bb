"""Images belong to the studies that a table names."""

from collections.abc import Iterable, Mapping

from overread.flows.intake.journal import Line
from overread.store.models import Image, Study


def put_into_studies(rows: Iterable[Line], patients: Mapping[str, int]) -> None:
    """Images of known patients, in the caller's transaction; what an image's own file says of its
    study stays.
    """
    named = {
        picture.image: (patients[line.patient], line.study)
        for line in rows
        if line.study and line.patient
        for picture in line.pictures
    }
    if not named:
        return
    every = sorted(set(named.values()))
    Study.objects.bulk_create(
        (Study(patient_id=p, uid=uid) for p, uid in every), ignore_conflicts=True
    )
    found = Study.objects.filter(
        patient__in=[p for p, _ in every], uid__in=[uid for _, uid in every]
    )
    ids = {(study.patient_id, study.uid): study.pk for study in found}
    images = list(Image.objects.filter(pk__in=named, study=None))
    for image in images:
        image.study_id = ids[named[image.pk]]
    Image.objects.bulk_update(images, ["study"])
