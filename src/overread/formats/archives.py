"""Images in zip and tar archives, read in place. What a member claims is never believed."""

import bz2
import contextlib
import gzip
import lzma
import os
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from threading import Lock
from typing import IO, Any, cast

from overread.core.problems import Message, Problem
from overread.formats.image_entries import (
    Entry,
    Limits,
    Source,
    SourceError,
    Span,
    bounded,
    broken,
    is_junk,
    too_many,
)

_PACKED = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\x00", lzma.open))
_ZIP = b"PK\x03\x04"
_TAR_AT, _TAR = 257, b"ustar"
SUFFIXES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")
_NESTED = frozenset({".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz"})
_ENCRYPTED = 0x1  # bit 0 of a member's flags (PKWARE APPNOTE 4.4.4)
_UTF8_NAME = 0x800  # bit 11 of the same
_UNPACK = Message("Unpack the archive and give the folder instead.")
_LONGEST_HEADER = 2**20
_CHUNK = 2**20
_DAMAGED = (
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
)


def has_archive_name(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)


def is_archive(path: Path) -> bool:
    """By its name, or by what is in it."""
    if has_archive_name(path.name):
        return True
    start = _start(path)
    return start.startswith(_ZIP) or start[_TAR_AT:] == _TAR


def open_archive(path: Path, limits: Limits) -> Source:
    """Raises SourceError."""
    is_zip = path.suffix.lower() == ".zip" or _start(path).startswith(_ZIP)
    return ZipSource(path, limits) if is_zip else TarSource(path, limits)


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_TAR_AT + len(_TAR))


class ZipSource:
    """The members of a zip archive."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        self._reading = Lock()  # ZipFile counts who reads, and not for several threads
        self.entries: list[Entry] = []
        self.problems: list[Problem] = []
        try:
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, NotImplementedError, UnicodeDecodeError) as error:
            raise _damaged(path, "zip") from error
        try:
            self._list(path)
        except BaseException:
            self._archive.close()
            raise

    def _list(self, path: Path) -> None:
        members = self._archive.infolist()
        if len(members) > self._limits.files:
            raise too_many(path.name, self._limits)
        # Members that share their packed bytes are how a small archive is made to unpack to much.
        overlapping = sum(member.compress_size for member in members) > path.stat().st_size
        total = sum(member.file_size for member in members)
        if overlapping or total > self._limits.total:
            raise _too_much(path)
        for member in members:
            inner = _member_name(member)
            if inner.endswith("/") or is_junk(PurePosixPath(inner)):
                continue
            name = f"{path.name}/{inner}"
            if problem := _zip_problem(member, inner, self._limits):
                self.problems.append(Problem(name, None, None, problem, _UNPACK))
            else:
                self.entries.append(Entry(name, member.file_size, self, member))

    def read(self, entry: Entry) -> bytes:
        assert isinstance(entry.inner, zipfile.ZipInfo)
        try:
            with self._reading, self._archive.open(entry.inner) as file:
                return bounded(entry, file, self._limits)
        except (
            zipfile.BadZipFile,
            zlib.error,
            lzma.LZMAError,
            EOFError,
            OSError,
            RuntimeError,  # also the method that is not implemented
            ValueError,  # also a name that is no text
        ) as error:
            raise broken(entry, error) from error

    def close(self) -> None:
        self._archive.close()


class TarSource:
    """The files of a tar archive; a compressed one is unpacked once, into a nameless file."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        self.entries: list[Entry] = []
        self.problems: list[Problem] = []
        self._file = _plain(path, limits)
        try:
            self._list(path)
        except _DAMAGED as error:
            self._file.close()
            if isinstance(error, SourceError):
                raise
            raise _damaged(path, "tar") from error

    def _list(self, path: Path) -> None:
        count = total = 0
        for member in _members(self._file):
            if member.size < 0:  # an extended header may say anything
                raise tarfile.ReadError("a size below nothing")
            count += 1
            total += member.size
            if count > self._limits.files:
                raise too_many(path.name, self._limits)
            if total > self._limits.total:
                raise _too_much(path)
            # Names that are no UTF-8 come with halves of code pairs, which nothing can keep.
            inner = member.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            inner = inner.replace("\\", "/")
            if member.isdir() or is_junk(PurePosixPath(inner)):
                continue
            name = f"{path.name}/{inner}"
            if problem := _tar_problem(member, inner, self._limits):
                self.problems.append(Problem(name, None, None, problem, _UNPACK))
            else:
                span = Span(member.offset_data, member.size)
                self.entries.append(Entry(name, member.size, self, span))

    def read(self, entry: Entry) -> bytes:
        assert isinstance(entry.inner, Span)
        try:
            data = os.pread(self._file.fileno(), entry.inner.size, entry.inner.offset)
        except OSError as error:
            raise broken(entry, error) from error
        if len(data) < entry.inner.size:
            raise broken(entry, EOFError("it ends too early"))
        return data

    def close(self) -> None:
        self._file.close()


class _Header(tarfile.TarInfo):
    """A header whose size is looked at before anything of that size is read into memory."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_Header":
        header = super().frombuf(buf, encoding, errors)
        is_file = header.isreg() or header.isdir() or header.issym() or header.islnk()
        if header.size < 0 or (not is_file and header.size > _LONGEST_HEADER):
            raise tarfile.ReadError("a header that no archiver writes")
        return header


def _members(file: IO[bytes]) -> Iterator[tarfile.TarInfo]:
    """One after the other; headers that lead back to earlier ones would go on for ever."""
    if not file.read(1):
        raise tarfile.ReadError("empty")
    file.seek(0)
    with tarfile.open(fileobj=file, mode="r:", tarinfo=_Header) as archive:
        last = -1
        while (member := archive.next()) is not None:
            if member.offset <= last:
                raise tarfile.ReadError("headers that lead back")
            last = member.offset
            yield member
            # The archive keeps all of its members otherwise.
            cast(Any, archive).members = []


def _plain(path: Path, limits: Limits) -> IO[bytes]:
    """The tar itself, unpacked where it is packed; to no more than an honest one holds."""
    start = _start(path)
    opened = next((open_ for mark, open_ in _PACKED if start.startswith(mark)), None)
    if opened is None:
        return path.open("rb")
    most = min(limits.total, max(limits.ratio_from, limits.ratio * path.stat().st_size))
    plain = tempfile.TemporaryFile(dir=limits.room)  # noqa: SIM115 - closed with the source
    try:
        with opened(path, "rb") as packed:
            while chunk := packed.read(_CHUNK):
                plain.write(chunk)
                if plain.tell() > most:
                    raise _too_much(path)
        plain.seek(0)
    except _DAMAGED as error:
        plain.close()
        if isinstance(error, SourceError):
            raise
        raise _damaged(path, "tar") from error
    return plain


def _member_name(member: zipfile.ZipInfo) -> str:
    """The member's path with forward slashes. Some archivers write UTF-8 without saying so,
    which zipfile then reads as code page 437."""
    name = member.filename
    if not member.flag_bits & _UTF8_NAME:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _zip_problem(member: zipfile.ZipInfo, name: str, limits: Limits) -> Message | None:
    if stat.S_ISLNK(member.external_attr >> 16):
        return Message("It is a link, not a file.")
    if member.flag_bits & _ENCRYPTED:
        return Message("It is encrypted.")
    packed = max(member.compress_size, 1)
    if problem := _problem(name, member.file_size, limits):
        return problem
    if member.file_size > max(limits.ratio_from, limits.ratio * packed):
        return Message("It unpacks to over {ratio} times its size.", ratio=limits.ratio)
    return None


def _tar_problem(member: tarfile.TarInfo, name: str, limits: Limits) -> Message | None:
    if member.issym() or member.islnk():
        return Message("It is a link, not a file.")
    if not member.isreg() or member.issparse():
        return Message("It is not a file that can be read.")
    return _problem(name, member.size, limits)


def _problem(name: str, size: int, limits: Limits) -> Message | None:
    path = PurePosixPath(name)
    if not path.name:
        return Message("It has no name.")
    if path.is_absolute() or ".." in path.parts or ":" in name.split("/")[0]:
        return Message("Its path leads out of the archive.")
    if path.suffix.lower() in _NESTED:
        return Message("It is an archive inside the archive.")
    if size > limits.file:
        return Message("It is larger than {limit} MB.", limit=limits.file // 2**20)
    return None


def _too_much(path: Path) -> SourceError:
    return SourceError.because(
        Message("The archive unpacks to more than an honest one can hold."),
        Message("Make the archive again in parts, or give the folder instead."),
        source=path.name,
    )


def _damaged(path: Path, kind: str) -> SourceError:
    return SourceError.because(
        Message("The {kind} archive is damaged or incomplete.", kind=kind),
        Message("Make the archive again, or give the folder instead."),
        source=path.name,
    )
