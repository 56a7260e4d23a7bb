"""Broken, hostile and merely odd sources: what each does, and what olga is told."""

import gzip
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from overread.cli.commands import app
from overread.flows.design import create_job
from overread.store.models import Job
from tests.conftest import NOON, picture, write_images
from tests.made_files import parquet, tarred, workbook, zipped

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])
DONE, REFUSED, HELD = 0, 2, 3


@dataclass(frozen=True)
class Case:
    """`name` with `data`; a table stands beside the pictures scan-0.png to scan-3.png.

    Of its rows `good` can be judged and `held` wait; `says` is told.
    """

    name: str
    data: bytes | str
    code: int
    says: str
    good: int = 0
    held: int = 0


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info


def locked() -> bytes:
    """A zip whose second member says that it is encrypted."""
    data = bytearray(zipped(("a.png", A), ("b.png", B)))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.rindex(signature) + flags] |= 1
    return bytes(data)


A, B = picture(0), picture(1)
GOOD = "image,label\nscan-0.png,0\nscan-1.png,1\n"
IMAGES = ["scan-0.png", "scan-1.png"]
OBJECTS: list[dict[str, Any]] = [{"image": "scan-0.png", "label": 0}, {"image": "scan-1.png"}]
SURPLUS = "Line 3 has 3 cells where the header has 2."
TABLES = (
    Case("semicolons.csv", GOOD.replace(",", ";"), DONE, "2 rows, 2 images", 2),
    Case("tabs.tsv", GOOD.replace(",", "\t"), DONE, "2 rows, 2 images", 2),
    Case("old-mac.csv", GOOD.replace("\n", "\r"), DONE, "2 rows, 2 images", 2),
    Case("mark.csv", b"\xef\xbb\xbf" + GOOD.encode(), DONE, "2 rows, 2 images", 2),
    Case("unicode.csv", GOOD.encode("utf-16"), DONE, "2 rows, 2 images", 2),
    Case("no-mark.csv", GOOD.encode("utf-16-le"), DONE, "2 rows, 2 images", 2),
    Case("export.dat", GOOD, DONE, "2 rows, 2 images", 2),
    Case("workbook.csv", workbook([["image"], *[[name] for name in IMAGES]]), DONE, "2 rows", 2),
    Case("really-csv.xlsx", GOOD, DONE, "2 rows, 2 images", 2),
    Case("really-json.csv", json.dumps(OBJECTS), DONE, "2 rows, 2 images", 2),
    Case("table.parquet", parquet({"image": IMAGES}), DONE, "2 rows, 2 images", 2),
    Case("old.csv", (GOOD + "scan-2.png,Zo\u00eb\n").encode("cp1252"), HELD, "Windows-1252", 2, 1),
    Case("excel.csv", "sep=;\n" + GOOD.replace(",", ";"), DONE, "2 rows, 2 images", 2),
    Case("capitals.csv", GOOD.replace("scan", "SCAN"), DONE, "2 rows, 2 images", 2),
    Case("ragged.csv", GOOD.replace("png,1", "png,1,x"), HELD, SURPLUS, 1),
    Case("short.csv", GOOD.replace("png,1", "png"), HELD, "Line 3 has 1 cells", 1),
    Case("zero.csv", GOOD.replace("scan-1", "scan\0"), HELD, "holds bytes that no table has", 1),
    Case("label.csv", GOOD.replace("png,1", "png,maybe"), HELD, "is not a known label", 1, 1),
    Case("blank.csv", GOOD.replace("scan-1.png", ""), HELD, "The row names no image.", 1, 1),
    Case("missing.csv", GOOD.replace("scan-1", "none"), HELD, "no image file called none", 1, 1),
    Case("twice.csv", GOOD.replace("scan-1", "scan-0"), HELD, "same picture as in row 1", 1, 1),
    Case("way-out.csv", GOOD.replace("scan-1", "../../x"), HELD, "no image file called", 1, 1),
    Case("bracket.csv", GOOD.replace("scan-1", "http://[a/b"), HELD, "called b.png", 1, 1),
    Case("ours.csv", GOOD.replace("label", "_trust"), DONE, "called orig__trust", 2),
    Case("lines.ndjson", '{"image": "scan-0.png"}\n{"image"\n', HELD, "Line 2 is no object", 1),
    Case("late.json", json.dumps([*OBJECTS, 7]), HELD, "This is no object.", 2),
    Case("error.xlsx", workbook([["image"], [IMAGES[0]], ["#REF!"]]), HELD, "error #REF!", 1),
    Case("empty.csv", "", REFUSED, "The file is empty."),
    Case("blank-lines.csv", "\n \r\n", REFUSED, "The file is empty."),
    Case("header.csv", "image,label\n", REFUSED, "has a header but no rows"),
    Case("no-header.csv", "http://a.example/a.png,0\n", REFUSED, "not the names of the columns"),
    Case("no-image.csv", "name,label\nx,0\n", REFUSED, "No column names an image"),
    Case("same.csv", GOOD.replace("label", "image"), REFUSED, "Two columns have the same name."),
    Case("nameless.csv", GOOD.replace("label", ""), REFUSED, "Column 2 has no name."),
    Case("quote.csv", GOOD + '"scan-2.png,1\n', REFUSED, "that starts in line 4 do not fit"),
    Case("damaged.csv", ("Zo\u00eb" + GOOD).encode() + b"\xff", REFUSED, "Line 4 is not UTF-8"),
    Case("page.csv", "<html>", REFUSED, "This is a web page, not a table."),
    Case("report.csv", b"%PDF-1.7", REFUSED, "This is a PDF document"),
    Case("photo.csv", A, REFUSED, "This is a PNG image, not a table."),
    Case("packed.csv.gz", gzip.compress(GOOD.encode()), REFUSED, "This is a compressed file"),
    Case("x-rays.rar", b"Rar!\x1a\x07\x01\x00", REFUSED, "This is a RAR archive"),
    Case("legacy.xls", b"\xd0\xcf\x11\xe0", REFUSED, "an old Excel workbook, or one with a"),
    Case("cut.xlsx", workbook([["image"], ["a.png"]])[:200], REFUSED, "damaged Excel workbook"),
    Case("cut.json", json.dumps(OBJECTS)[:-1], REFUSED, "From line 1 on this is no JSON."),
    Case("cut.parquet", parquet({"image": IMAGES})[:-9], REFUSED, "Parquet file is damaged"),
    Case("bytes.parquet", parquet({"image": [A]}), REFUSED, "No column holds text or numbers."),
)  # fmt: skip
ARCHIVES = (
    Case("plain.zip", zipped(("a.png", A), ("b.png", B)), DONE, "2 rows, 2 images", 2),
    Case("table.zip", zipped(("t.csv", "image\na.png\n"), ("a.png", A), ("b.png", B)), DONE,
         "1 rows, 1 images", 1),
    Case("plain.tgz", gzip.compress(tarred(("a.png", A), ("b.png", B))), DONE, "2 rows", 2),
    Case("really-tar.zip.tar", tarred(("a.png", A)), DONE, "1 rows, 1 images", 1),
    Case("archive.bin", tarred(("a.png", A)), DONE, "1 rows, 1 images", 1),
    Case("windows.zip", zipped((r"in\a.png", A)), DONE, "1 rows, 1 images", 1),
    Case("out.zip", zipped(("a.png", A), ("../b.png", B)), HELD, "leads out of the archive", 1),
    Case("root.tar", tarred(("a.png", A), ("/etc/b.png", B)), HELD, "leads out of the", 1),
    Case("link.zip", zipped(("a.png", A), (link("b.png"), "/etc/passwd")), HELD,
         "It is a link, not a file.", 1),
    Case("nested.zip", zipped(("a.png", A), ("b.zip", zipped(("b.png", B)))), HELD,
         "It is an archive inside the archive.", 1),
    Case("locked.zip", locked(), HELD, "It is encrypted.", 1),
    Case("bomb.zip", zipped(("a.png", A), ("b.png", bytes(2**22))), HELD, "over 200 times", 1),
    Case("broken-image.zip", zipped(("a.png", A), ("b.png", B[:99])), HELD, "row 2", 1, 1),
    Case("no-image-at-all.zip", zipped(("a.png", A), ("b.png", "text")), HELD, "row 2", 1, 1),
    Case("bomb.tar.gz", gzip.compress(tarred(("a.png", bytes(2**22)))), REFUSED, "more than an"),
    Case("cut.zip", zipped(("a.png", A))[:60], REFUSED, "The zip archive is damaged"),
    Case("cut.tar", tarred(("a.png", A))[:600], REFUSED, "The tar archive is damaged"),
    Case("empty.zip", b"", REFUSED, "The zip archive is damaged"),
    Case("empty.tar.xz", b"", REFUSED, "The tar archive is damaged"),
    Case("texts.zip", zipped(("notes.txt", "x")), REFUSED, "There is no image in it."),
    Case("tables.zip", zipped(("a.csv", GOOD), ("b.csv", GOOD), ("a.png", A)), REFUSED,
         "There are several tables"),
    Case("bad-table.zip", zipped(("t.csv", "x"), ("a.png", A)), REFUSED, "bad-table.zip/t.csv"),
)  # fmt: skip


@pytest.fixture
def draft(team: Any) -> Job:
    return create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)


@pytest.fixture
def read(draft: Job, tmp_path: Path) -> Callable[..., Any]:
    def take_in(case: Case, *beside: Path) -> Any:
        path = tmp_path / case.name
        path.write_bytes(case.data.encode() if isinstance(case.data, str) else case.data)
        arguments = ["intake", str(draft.pk), str(path), *map(str, beside)]
        return CliRunner().invoke(app, arguments)

    return take_in


def check(case: Case, done: Any, job: Job) -> None:
    assert done.exit_code == case.code, done.stderr
    assert case.says in done.stderr
    states = list(job.units.values_list("state", flat=True))
    assert (states.count("new"), states.count("held")) == (case.good, case.held)
    assert case.code != REFUSED or f"overread: {case.name}" in done.stderr


@pytest.mark.parametrize("case", TABLES, ids=lambda case: case.name)
def test_a_table(read: Callable[..., Any], draft: Job, tmp_path: Path, case: Case) -> None:
    check(case, read(case, write_images(tmp_path / "images", 4)), draft)


@pytest.mark.parametrize("case", ARCHIVES, ids=lambda case: case.name)
def test_an_archive(read: Callable[..., Any], draft: Job, case: Case) -> None:
    check(case, read(case), draft)
