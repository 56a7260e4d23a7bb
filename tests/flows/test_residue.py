"""A marker in every attribute that a DICOM file can have is found in nothing that stays or leaves.

The attributes are all of PS3.6 (pydicom's dictionary), so those of PS3.15 Table E.1-1 are among
them; private ones, the file's own meta information, preamble, overlays, curves, comments,
structured content, the JPEG's own comment and application segment, trailing padding and trailing
bytes as well. What was recorded for the custodian is sealed, and opened it holds just four of them.
"""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from PIL import Image as Pillow
from pydicom import Dataset, config
from pydicom.datadict import DicomDictionary, RepeatersDictionary, keyword_for_tag
from pydicom.encaps import encapsulate
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit
from typer.testing import CliRunner

from overread.cli.commands import app
from overread.core.removal import RemovalRule
from overread.flows.appen_reports import aggregated_report, full_report
from overread.flows.design import create_job
from overread.flows.export import export_folders
from overread.flows.intake import start_intake, take_in
from overread.flows.judging.launching import launch
from overread.flows.people import invite
from overread.flows.privacy.identities import open_identities
from overread.imaging.dicom.attributes import GREYS, PIXELS
from overread.store.models import Custodian, Identity, Job, Patient, Team, User
from tests.conftest import NOON, PASSPHRASE, now
from tests.imaging.dicom_files import dicom_bytes, dicom_dataset

WORD, DAY, NUMBER = "ZQXMARK", "19131113", "77131313713"
MARKS = (WORD, DAY, NUMBER)
PAGES = ("", "/data", "/design", "/quality", "/preview", "/launch", "/results")
PAGES += ("/data/problems.csv", "/preview.html", "/proposal.html", "/monitor", "/reports")
WHAT_IF = ("--what-if", "--json", "--report")
TEXTS = {"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"}
BYTES = {"OB", "OW", "UN"}
OTHERS = {
    "DA": DAY,
    "DT": f"{DAY}131313",
    "TM": f"131313.{NUMBER[:6]}",
    "DS": NUMBER,
    "IS": NUMBER[:9],
    "UI": f"1.2.{NUMBER}",
}
# What says how the pixels are read; a marker in it would make the file no picture.
NEEDED = {*PIXELS, *GREYS, "BurnedInAnnotation", "SpecificCharacterSet"}
NEEDED |= {"FloatPixelData", "DoubleFloatPixelData"}
NEEDED -= {"WindowCenterWidthExplanation"}
# Structured content and what goes with a report (PS3.3 C.17.3, C.4.4).
STRUCTURED = ("ContentSequence", "RequestAttributesSequence", "ReferencedStudySequence")


def marked(vr: str) -> object:
    """A value of this kind that holds a marker; None where a kind can't."""
    if vr in TEXTS:
        return WORD
    if vr.split(" ")[0] in BYTES:
        return WORD.encode() + b"\0"
    if vr == "SQ":
        item = Dataset()
        item.PatientName = item.TextValue = WORD
        item.StudyDate = DAY
        return [item]
    return OTHERS.get(vr)


def attributes() -> Iterator[tuple[int, str]]:
    """Every attribute of a data set, by tag and kind, but those that are needed."""
    for tag, entry in DicomDictionary.items():
        if tag >> 16 > 4 and keyword_for_tag(tag) not in NEEDED:
            yield tag, entry[0]
    for mask, entry in RepeatersDictionary.items():
        yield int(mask.replace("x", "0"), 16), entry[0]


def planted(number: int, *, jpeg: bool = False) -> bytes:
    pixels = np.random.default_rng(number).integers(0, 256, (24, 32)).astype(np.uint8)
    dataset = dicom_dataset(pixels)
    with config.disable_value_validation():
        for tag, vr in attributes():
            value = marked(vr)
            if value is not None:
                dataset.add_new(tag, vr.split(" ")[0], value)
        for keyword in STRUCTURED:
            setattr(dataset, keyword, structured(2))
        dataset.private_block(0x0009, WORD, create=True).add_new(1, "LO", WORD)
        dataset.private_block(0x0029, WORD, create=True).add_new(2, "OB", WORD.encode() + b"\0")
        dataset.PatientID = f"{WORD}{number}"
        dataset.WindowCenter, dataset.WindowWidth = 100, 150
        if jpeg:
            out = io.BytesIO()
            exif = Pillow.Exif()
            exif[0x010E] = exif[0x9286] = WORD  # description, user comment
            Pillow.fromarray(pixels).save(out, "JPEG", comment=WORD.encode(), exif=exif)
            dataset.PixelData = encapsulate([out.getvalue()])
        dataset.preamble = (WORD.encode() * 20)[:128]
        data = dicom_bytes(
            dataset, JPEGBaseline8Bit if jpeg else ExplicitVRLittleEndian, **marked_meta()
        )
    return data + WORD.encode() * 100


def structured(depth: int) -> list[Dataset]:
    """Content items inside content items, each with its text, its name and its day."""
    item = Dataset()
    item.ValueType, item.TextValue, item.PersonName = "TEXT", WORD, WORD
    item.DateTime, item.UID = f"{DAY}131313", f"1.2.{NUMBER}"
    if depth:
        item.ContentSequence = structured(depth - 1)
    return [item]


def marked_meta() -> dict[str, object]:
    """What says of a file who made, sent and received it (PS3.10 7.1)."""
    return {
        "ImplementationVersionName": WORD,
        "SourceApplicationEntityTitle": WORD,
        "SendingApplicationEntityTitle": WORD,
        "ReceivingApplicationEntityTitle": WORD,
        "PrivateInformationCreatorUID": f"1.2.{NUMBER}",
        "PrivateInformation": WORD.encode() + b"\0",
    }


def test_the_marker_is_planted_everywhere() -> None:
    data = planted(1)
    assert data.count(WORD.encode()) > 2000
    assert planted(2, jpeg=True).count(WORD.encode()) > 2000
    planted_tags = {tag for tag, vr in attributes() if marked(vr) is not None}
    named = ("PatientName", "AccessionNumber", "StudyDate", "InstitutionName", "PatientComments")
    named += ("ContentSequence", "DataSetTrailingPadding", "DeviceSerialNumber", "StudyInstanceUID")
    assert {Tag(name) for name in named} <= planted_tags
    assert {0x60004000, 0x50003000} <= planted_tags


def everything_stored() -> str:
    """Every cell of every table."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found)


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def marked_job(team: Team, tmp_path: Path) -> Job:
    """Launched with files full of markers, a broken one among them."""
    job = create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
    job.removal_rule = RemovalRule.ACCURACY
    job.save(update_fields=["removal_rule"])
    folder = tmp_path / "films"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.dcm").write_bytes(planted(number, jpeg=number == 3))
    (folder / "broken.dcm").write_bytes(planted(9)[:-5000])
    take_in(start_intake(job, actor=None, at=NOON), [folder], progress=lambda done, total: None)
    job.refresh_from_db()
    return job


def seen_by_a_contributor(job: Job) -> list[HttpResponse]:
    """Their page, and its images with every header."""
    launch(job, actor=None, at=NOON, rng=Random(1))
    [lena] = invite(job, count=1, actor=None, at=now())
    send: dict[str, Any] = {"headers": {"Authorization": f"Bearer {lena.token}"}}
    page = Client().post(f"/api/jobs/{job.pk}/page", "{}", content_type="application/json", **send)
    images = [image for unit in page.json()["page"]["units"] for image in unit["images"]]
    assert images
    shown = [Client().get(image["address"], **send) for image in images]
    assert {one.status_code for one in shown} == {200}
    return [page, *shown]


@pytest.mark.django_db
def test_no_marker_stays_where_a_custodian_may_learn_who_it_is(
    guarded: Custodian,
    marked_job: Job,
    olga: User,
    signed_in: Callable[[User], Client],
    home: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The table is there, and sealed; only with the passphrase it holds what leads to the child."""
    assert Identity.objects.count() == 4
    client = signed_in(olga)
    pages = [client.get(f"/jobs/{marked_job.pk}{end}", follow=True) for end in PAGES]
    stored = everything_stored() + "".join(page.content.decode("latin-1") for page in pages)
    assert not [mark for mark in MARKS if mark in stored + caplog.text]
    sealed = b"".join(bytes(one.sealed) for one in Identity.objects.all())
    assert not [mark for mark in MARKS if mark.encode() in sealed]
    patients = list(Patient.objects.order_by("pk")[:1])
    [known] = open_identities(guarded, patients, PASSPHRASE, "looking for markers", at=NOON)
    assert known.patient_id.startswith(WORD)
    assert not [mark for mark in MARKS if mark in everything_stored()]


@pytest.mark.django_db(databases=["default", "tasks"])
def test_no_marker_is_stored_served_logged_or_exported(
    marked_job: Job,
    olga: User,
    signed_in: Callable[[User], Client],
    home: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    job = marked_job
    assert job.units.filter(unit_images__isnull=False).count() == 4
    out, full, aggregated = tmp_path / "out", io.StringIO(), io.StringIO()
    export_folders(job, out, actor=None, at=NOON)
    full_report(job, full)
    aggregated_report(job, aggregated)
    client = signed_in(olga)
    other = create_job(job.team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
    pages = [client.get(f"/jobs/{job.pk}{end}", follow=True) for end in PAGES]
    assert {page.status_code for page in pages} == {200}
    pages += seen_by_a_contributor(job)
    report, told = tmp_path / "report.csv", CliRunner()
    looked = told.invoke(
        app, ["intake", str(other.pk), str(tmp_path / "films"), *WHAT_IF, str(report)]
    )
    assert looked.exit_code in (0, 3)
    texts = {
        "what if": looked.output + report.read_text(),
        "database": everything_stored(),
        "full report": full.getvalue(),
        "aggregated report": aggregated.getvalue(),
        "pages": "".join(page.content.decode("latin-1") for page in pages),
        "headers": "".join(str(page.headers) for page in pages),
        "log": caplog.text,
        "output": "".join(capfd.readouterr()),
    }
    for where, text in texts.items():
        assert not [mark for mark in MARKS if mark in text], where
    for where, data in {**files_below(home), **files_below(out)}.items():
        assert not [mark for mark in MARKS if mark.encode() in data], where
    Patient.objects.create(team=job.team, key=WORD)
    assert WORD in everything_stored()  # it would have been found
