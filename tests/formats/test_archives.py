"""Tar archives, honest and hostile; what zip archives do is in test_image_files."""

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overread.formats.image_entries import Limits, SourceError
from overread.formats.image_files import ImageFiles
from tests.made_files import CHANGES, Change, changed, zipped

PACKERS = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
Members = list[tuple[tarfile.TarInfo, bytes]]


def member(
    name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, len(data)
    return info, data


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    info, data = member(name, kind=kind)
    info.linkname = target
    return info, data


def tar(*members: tuple[tarfile.TarInfo, bytes], format_: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format_) as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


GOOD = member("a.png", b"the picture")


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., ImageFiles]:
    def open_(data: bytes, name: str = "x.tar", limits: Limits | None = None) -> ImageFiles:
        (tmp_path / name).write_bytes(data)
        return ImageFiles.open([tmp_path / name], limits or Limits())

    return open_


@pytest.mark.parametrize("packed", PACKERS)
@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.tgz", "x.tar.xz", "x.tar.bz2"])
@pytest.mark.parametrize("format_", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_tar_is_read_however_it_was_packed_and_called(
    opened: Callable[..., ImageFiles], packed: str, name: str, format_: int
) -> None:
    long = "folder/" * 13 + "Zoë.png"
    data = tar(member("b/", kind=tarfile.DIRTYPE), member("b/2.png", b"2"), member(long, b"1"),
               member("._x.png", b"junk"), format_=format_)  # fmt: skip
    with opened(PACKERS[packed](data), name) as files:
        assert files.names() == (f"{name}/b/2.png", f"{name}/{long}")
        assert [files.read(entry) for entry in files.entries()] == [b"2", b"1"]
        assert files.problems == ()


@pytest.mark.parametrize(
    ("hostile", "says"),
    [
        (member("../b.png", b"x"), "leads out of the archive"),
        (member("/etc/b.png", b"x"), "leads out of the archive"),
        (member(r"..\..\b.png", b"x"), "leads out of the archive"),
        (member("C:/b.png", b"x"), "leads out of the archive"),
        (link("b.png", "/etc/passwd"), "It is a link"),
        (link("b.png", "a.png", tarfile.LNKTYPE), "It is a link"),
        (member("b.png", kind=tarfile.FIFOTYPE), "not a file that can be read"),
        (member("b.png", kind=tarfile.CHRTYPE), "not a file that can be read"),
        (member("b.zip", b"PK"), "an archive inside the archive"),
        (member("deep/b.tar.gz", b"x"), "an archive inside the archive"),
        (member("b.png", b"x" * 2**20), "larger than 0 MB"),
    ],
)
def test_a_hostile_member_is_left_out_and_the_others_are_read(
    opened: Callable[..., ImageFiles], hostile: tuple[tarfile.TarInfo, bytes], says: str
) -> None:
    with opened(tar(hostile, GOOD), limits=Limits(file=2**19)) as files:
        assert [files.read(entry) for entry in files.entries()] == [b"the picture"]
        [problem] = files.problems
        assert says in problem.problem
        assert problem.source == f"x.tar/{hostile[0].name}".replace("\\", "/")
        assert problem.advice == "Unpack the archive and give the folder instead."


def header(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "The tar archive is damaged"),
        (b"no tar at all", "The tar archive is damaged"),
        (tar(GOOD)[:100], "The tar archive is damaged"),
        (tar(GOOD)[:520], "The tar archive is damaged"),
        (gzip.compress(tar(GOOD))[:-20], "The tar archive is damaged"),
        (gzip.compress(b"text"), "The tar archive is damaged"),
        (gzip.compress(tar(GOOD)) + b"\x1f\x8b\x08 rubbish", "The tar archive is damaged"),
        (header("x", 2**40, tarfile.GNUTYPE_LONGNAME), "The tar archive is damaged"),
        (header("x", 2**40, tarfile.XHDTYPE), "The tar archive is damaged"),
        (header("x", 2**40, tarfile.XGLTYPE), "The tar archive is damaged"),
        (header("a.png", -512) + tar(GOOD), "The tar archive is damaged"),
        (gzip.compress(tar(member("a.png", bytes(3 * 2**20)))), "more than an honest one"),
        (bz2.compress(tar(member("a.png", bytes(3 * 2**20)))), "more than an honest one"),
        (lzma.compress(tar(member("a.png", bytes(3 * 2**20)))), "more than an honest one"),
        (tar(*[member("a.png", b"x")] * 9), "more than 8 files"),
        (tar(member("notes.txt", b"x")), "There is no image in it."),
        (tar(), "There is no image in it."),
    ],
    ids=["empty", "text", "cut header", "cut data", "cut gzip", "packed text", "rubbish behind",
         "an endless name", "an endless header", "an endless global header", "a negative size",
         "a gzip bomb", "a bzip2 bomb", "an xz bomb", "too many files", "no image", "no file"],
)  # fmt: skip
def test_a_tar_that_can_not_be_read_is_refused(
    opened: Callable[..., ImageFiles], data: bytes, says: str
) -> None:
    with pytest.raises(SourceError) as refused:
        opened(data, limits=Limits(files=8))
    assert says in refused.value.problem.problem
    assert refused.value.problem.source == "x.tar"
    assert refused.value.problem.advice


def test_a_tar_that_ends_inside_a_file_is_refused(opened: Callable[..., ImageFiles]) -> None:
    with pytest.raises(SourceError, match="damaged or incomplete"):
        opened(tar(GOOD)[:1024] + header("b.png", 2**20) + b"x" * 100)


def test_a_file_of_holes_is_no_image(opened: Callable[..., ImageFiles]) -> None:
    sparse, data = member("b.png", b"1\n0\n1\n".ljust(512, b"\0") + b"x")
    sparse.pax_headers = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "b.png",
        "GNU.sparse.realsize": "99999999",
    }
    with opened(tar((sparse, data), GOOD)) as files:
        assert [problem.source for problem in files.problems] == ["x.tar/b.png"]
        assert "not a file that can be read" in files.problems[0].problem


def packed() -> list[bytes]:
    members = [GOOD, member("in/Zo\u00eb.png", b"x" * 600), link("c.png", "a.png")]
    formats = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
    tars = [tar(*members, format_=format_) for format_ in formats]
    return [*tars, gzip.compress(tars[0]), zipped(("a.png", b"x"), ("b/c.png", b"y" * 600))]


@settings(deadline=None, derandomize=True)
@given(st.sampled_from(packed()), CHANGES, st.sampled_from(["x.tar", "x.tar.gz", "x.zip"]))
def test_a_damaged_archive_gives_files_or_a_refusal(
    data: bytes, changes: list[Change], name: str
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(changed(data, changes))
        with suppress(SourceError), ImageFiles.open([path]) as files:
            for entry in files.entries():
                entry.name.encode()
                with suppress(SourceError):
                    files.read(entry)


@pytest.mark.parametrize("size", ["-1", "-2", "-512"])
def test_a_size_below_nothing_is_damage(opened: Callable[..., ImageFiles], size: str) -> None:
    info, data = member("a.png", b"the picture")
    info.pax_headers = {"size": size}
    with pytest.raises(SourceError, match="damaged"):
        opened(tar((info, data), member("b.png", b"another")))
