"""A marker in every place of a raster file that holds no pixel is found in nothing that stays or
leaves: EXIF with its position, XMP, colour profile, comments, text, what follows the picture."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from PIL import ExifTags, Image, TiffImagePlugin
from PIL.PngImagePlugin import PngInfo

from overread.flows.appen_reports import full_report
from overread.flows.design import create_job
from overread.flows.export import export_folders
from overread.flows.intake import start_intake, take_in
from overread.store.models import Job, Team, User
from tests.conftest import NOON
from tests.flows.test_residue import (
    PAGES,
    WORD,
    everything_stored,
    files_below,
    seen_by_a_contributor,
)

LATITUDE = (48.0, 12.0, 31.0)
ASCII = ("Make", "Model", "Software", "Artist", "Copyright", "ImageDescription", "DateTime")
KINDS = ("jpeg", "png", "tiff", "webp", "bmp", "colour.jpeg", "deep.png")


def exif() -> Image.Exif:
    made = Image.Exif()
    for name in ASCII:
        made[ExifTags.Base[name]] = WORD
    made[ExifTags.Base.Orientation] = 6
    made.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = b"ASCII\0\0\0" + WORD.encode()
    made.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.MakerNote] = WORD.encode()
    made.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = LATITUDE
    made.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSAreaInformation] = WORD.encode()
    return made


def options(kind: str) -> dict[str, Any]:
    """What this format's writer puts beside the pixels."""
    mark, xmp = WORD.encode(), f"<x:xmpmeta>{WORD}</x:xmpmeta>".encode()
    if kind.endswith("jpeg"):
        return {"exif": exif(), "comment": mark, "xmp": xmp, "icc_profile": mark * 20}
    if kind.endswith("png"):
        info = PngInfo()
        info.add_text("Comment", WORD)
        info.add_text("Packed", WORD, zip=True)
        info.add_itxt("Author", WORD, "en", WORD)
        info.add(b"prVt", mark)
        return {"exif": exif(), "pnginfo": info, "icc_profile": mark * 20}
    if kind == "webp":
        return {"exif": exif(), "xmp": xmp, "icc_profile": mark * 20, "lossless": True}
    if kind == "tiff":
        tags = TiffImagePlugin.ImageFileDirectory_v2()
        for name in ASCII:
            tags[ExifTags.Base[name]] = WORD
        tags[65000] = WORD
        return {"tiffinfo": tags, "icc_profile": mark * 20}
    return {}


def planted(kind: str) -> bytes:
    shape = (24, 32, 3) if kind.startswith("colour") else (24, 32)
    rng = np.random.default_rng(KINDS.index(kind))
    depth = np.uint16 if kind.startswith("deep") else np.uint8
    pixels = rng.integers(0, np.iinfo(depth).max, shape, dtype=depth)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind.rpartition(".")[2].upper(), **options(kind))
    return out.getvalue() + WORD.encode() * 10


@pytest.mark.parametrize("kind", KINDS)
def test_the_marker_is_planted(kind: str) -> None:
    least = {"bmp": 10, "png": 20, "deep.png": 20}
    assert planted(kind).count(WORD.encode()) >= least.get(kind, 35)


@pytest.fixture
def marked_job(team: Team, tmp_path: Path) -> Job:
    job = create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
    folder = tmp_path / "films"
    folder.mkdir()
    for kind in KINDS:
        (folder / f"film-{KINDS.index(kind)}.{kind}").write_bytes(planted(kind))
    (folder / "broken.jpeg").write_bytes(planted("jpeg")[:-500])
    take_in(start_intake(job, actor=None, at=NOON), [folder], progress=lambda done, total: None)
    job.refresh_from_db()
    return job


@pytest.mark.django_db
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
    assert job.units.filter(state="new").count() >= len(KINDS)
    out, report = tmp_path / "out", io.StringIO()
    export_folders(job, out, actor=None, at=NOON)
    full_report(job, report)
    client = signed_in(olga)
    pages = [client.get(f"/jobs/{job.pk}{end}", follow=True) for end in PAGES]
    pages += seen_by_a_contributor(job)
    texts = {
        "database": everything_stored(),
        "report": report.getvalue(),
        "pages": "".join(page.content.decode("latin-1") for page in pages),
        "headers": "".join(str(page.headers) for page in pages),
        "log": caplog.text,
        "output": "".join(capfd.readouterr()),
    }
    for where, text in texts.items():
        assert WORD not in text, where
    for where, data in {**files_below(home), **files_below(out)}.items():
        assert WORD.encode() not in data, where
        assert b"Exif" not in data, where


@pytest.mark.django_db
def test_the_orientation_is_kept_in_the_pixels(marked_job: Job) -> None:
    turned = marked_job.units.get(data__image="films/film-0.jpeg").images.get()
    assert (turned.width, turned.height) == (24, 32)
