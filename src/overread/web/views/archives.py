"""Studies of an archive that the installation knows, or that one pushed here, as an upload."""

import csv
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from overread.core.problems import Message, Refused
from overread.flows.background import hand_over_upload
from overread.flows.intake.asking import Asked, is_open_to_owners, keep_asked
from overread.flows.intake.known_archives import names, told_to_owners
from overread.flows.intake.receiving import waiting
from overread.flows.uploading import incoming
from overread.formats.sources import is_table_name
from overread.pacs.configuration import RECEIVED
from overread.store.models import Job
from overread.web.access import signed_in
from overread.web.views.head import refuse

# As the form calls them, and as an archive does.
KEYS = {
    "patient": "PatientID",
    "modality": "Modality",
    "description": "StudyDescription",
}
LARGEST_LIST = 2 * 2**20


def known_archives() -> dict[str, Any]:
    """For the page. What is wrong with the installation's file is its administrator's to know."""
    if not is_open_to_owners():
        return {"archives": [], "waiting": 0}
    try:
        return {"archives": names(), "waiting": waiting()}
    except Refused:
        return {"archives": [], "archives_broken": True, "waiting": waiting()}


def from_archive(request: HttpRequest, job: Job) -> HttpResponse:
    """What is asked for comes in the form's body, never in an address: it leads to patients."""
    actor, at = signed_in(request), datetime.now(UTC)
    try:
        with incoming() as folder:
            keep_asked(_asked(request, folder), folder)
            hand_over_upload(job, folder, sources=[], actor=actor, at=at)
    except Refused as refused:
        refuse(request, refused)
    return redirect("data", job=job.pk)


def _asked(request: HttpRequest, folder: Path) -> Asked:
    """Raises Refused."""
    archive = request.POST.get("archive", "")
    if archive == RECEIVED:
        return Asked(RECEIVED)
    with told_to_owners():
        is_known = archive in names()
    if not is_known:
        raise Refused.because(
            Message("No archive was chosen."), Message("Choose the one that holds the studies.")
        )
    if request.POST.get("by") == "list":
        return Asked(archive, listed=_listed(request, folder))
    keys = {key: request.POST.get(field, "").strip() for field, key in KEYS.items()}
    keys["StudyDate"] = _dates(request.POST.get("from", ""), request.POST.get("to", ""))
    asked = {key: value for key, value in keys.items() if value}
    if not asked.keys() - {"Modality"}:
        raise Refused.because(
            Message("Nothing says which studies are wanted."),
            Message("Give a date, a patient ID or a description."),
        )
    return Asked(archive, asked)


def _dates(first: str, last: str) -> str:
    """As DICOM writes a range of days (PS3.4 C.2.2.2.5)."""
    first, last = first.replace("-", ""), last.replace("-", "")
    return f"{first}-{last}" if first or last else ""


def _listed(request: HttpRequest, folder: Path) -> str:
    """Its name in `folder`. Raises Refused."""
    table, numbers = request.FILES.get("listed"), request.POST.get("numbers", "").strip()
    # Then nothing of a file was kept.
    is_too_large = int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_LIST
    if table is None and not numbers and not is_too_large:
        raise Refused.because(
            Message("No accession number was given."),
            Message("Write one in each line, or choose a table with a column of them."),
        )
    if table is None and numbers:
        with (folder / "accessions.csv").open("w", encoding="utf-8", newline="") as out:
            lines = [line.strip() for line in ["accession_number", *numbers.splitlines()]]
            csv.writer(out).writerows([line] for line in lines if line)
        return "accessions.csv"
    name = f"accessions{PurePosixPath(table.name or '').suffix.lower()}" if table else ""
    if table is None or is_too_large or not is_table_name(name):
        raise Refused.because(
            Message("The list of accession numbers is no table, or larger than 2 MB."),
            Message("Save it as CSV or Excel, or as text with one number in each line."),
        )
    (folder / name).write_bytes(table.read())
    return name
