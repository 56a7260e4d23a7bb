"""Where image files lie: a folder, a zip archive, or one file. Nothing is unpacked or followed."""

import contextlib
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from overread.core.problems import Message, Problem, Refused

_JUNK = frozenset({"__macosx", "thumbs.db", "desktop.ini"})
_ARCHIVES = frozenset({".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz"})
_ENCRYPTED = 0x1  # bit 0 of a member's flags (PKWARE APPNOTE 4.4.4)
_UTF8_NAME = 0x800  # bit 11 of the same
_UNPACK = Message("Unpack the archive and give the folder instead.")
_PUT_FILE = Message("Put the file itself into the folder.")


@dataclass(frozen=True)
class Limits:
    """Bytes of one file, bytes of all, number of files, unpacked size over packed size.

    The ratio is asked only of files larger than `ratio_from`: small ones do no harm.
    """

    file: int = 256 * 2**20
    total: int = 64 * 2**30
    files: int = 1_000_000
    ratio: int = 200
    ratio_from: int = 2**20


class SourceError(Refused):
    """A source, or one file in it, can't be read."""


class Source(Protocol):
    """Files that can be read one by one."""

    entries: list["Entry"]
    problems: list[Problem]

    def read(self, entry: "Entry") -> bytes: ...

    def close(self) -> None: ...


@dataclass(frozen=True, eq=False)
class Entry:
    """One file. `name` is its path with the source's name in front; `size` in bytes."""

    name: str
    size: int
    source: Source = field(repr=False)
    inner: Path | zipfile.ZipInfo = field(repr=False)


def open_source(path: Path, limits: Limits) -> Source:
    """The folder, zip archive or file at `path`. Raises SourceError."""
    if path.is_dir():
        return _open_folder(path.resolve(), limits)
    if not path.is_file():
        raise SourceError.because(
            Message("It is not there."), Message("Check the path of the images."), source=path.name
        )
    if path.suffix.lower() == ".zip":
        return ZipSource(path, limits)
    source = FileSource(limits)
    source.add(path.name, path)
    return source


class FileSource:
    """Files of the file system."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.entries: list[Entry] = []
        self.problems: list[Problem] = []

    def add(self, name: str, path: Path) -> None:
        self.entries.append(Entry(name, path.stat().st_size, self, path))

    def read(self, entry: Entry) -> bytes:
        assert isinstance(entry.inner, Path)
        try:
            with entry.inner.open("rb") as file:
                return _bounded(entry, file, self._limits)
        except OSError as error:
            raise _broken(entry, error) from error

    def close(self) -> None:
        """Nothing is held open."""


def _open_folder(root: Path, limits: Limits) -> FileSource:
    """All files below `root`; links that lead out of it are left out."""
    source = FileSource(limits)

    def unreadable(error: OSError) -> None:
        what = Message("The folder can't be read ({reason}).", reason=str(error.strerror))
        source.problems.append(Problem(error.filename, None, None, what, _PUT_FILE))

    for path in _walk(root, unreadable):
        name = f"{root.name}/{os.fsencode(path.relative_to(root)).decode('utf-8', 'replace')}"
        if problem := _file_problem(path, root):
            source.problems.append(Problem(name, None, None, problem, _PUT_FILE))
        else:
            source.add(name, path)
        if len(source.entries) > limits.files:
            raise _too_many(root.name, limits)
    return source


class ZipSource:
    """The members of a zip archive, read in place."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        self.entries: list[Entry] = []
        self.problems: list[Problem] = []
        try:
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, NotImplementedError, UnicodeDecodeError) as error:
            raise SourceError.because(
                Message("The zip archive is damaged or incomplete."),
                Message("Make the archive again, or give the folder instead."),
                source=path.name,
            ) from error
        try:
            self._list(path)
        except BaseException:
            self._archive.close()
            raise

    def _list(self, path: Path) -> None:
        members = self._archive.infolist()
        if len(members) > self._limits.files:
            raise _too_many(path.name, self._limits)
        # Members that share their packed bytes are how a small archive is made to unpack to much.
        overlapping = sum(member.compress_size for member in members) > path.stat().st_size
        total = sum(member.file_size for member in members)
        if overlapping or total > self._limits.total:
            raise SourceError.because(
                Message("The archive unpacks to more than an honest one can hold."),
                Message("Make the archive again in parts, or give the folder instead."),
                source=path.name,
            )
        for member in members:
            inner = _member_name(member)
            if member.is_dir() or _is_junk(PurePosixPath(inner)):
                continue
            name = f"{path.name}/{inner}"
            if problem := _member_problem(member, inner, self._limits):
                self.problems.append(Problem(name, None, None, problem, _UNPACK))
            else:
                self.entries.append(Entry(name, member.file_size, self, member))

    def read(self, entry: Entry) -> bytes:
        assert isinstance(entry.inner, zipfile.ZipInfo)
        try:
            with self._archive.open(entry.inner) as file:
                return _bounded(entry, file, self._limits)
        except (
            zipfile.BadZipFile,
            zlib.error,
            LZMAError,
            EOFError,
            OSError,
            RuntimeError,  # also the method that is not implemented
        ) as error:
            raise _broken(entry, error) from error

    def close(self) -> None:
        self._archive.close()


def _walk(root: Path, unreadable: Callable[[OSError], None]) -> Iterator[Path]:
    """Every file below `root` but junk, in a fixed order."""
    for folder, folders, files in os.walk(root, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not _is_junk(PurePosixPath(name)))
        for name in sorted(files):
            if not _is_junk(PurePosixPath(name)):
                yield Path(folder, name)


def _file_problem(path: Path, root: Path) -> Message | None:
    if path.is_symlink() and not path.resolve().is_relative_to(root):
        return Message("The link leads out of the folder.")
    return None if path.is_file() else Message("It is not a file that can be read.")


def _is_junk(path: PurePosixPath) -> bool:
    """What operating systems leave beside the files: hidden files, thumbnails, forks."""
    return any(
        part.lower() in _JUNK or (part.startswith(".") and part != "..") for part in path.parts
    )


def _member_name(member: zipfile.ZipInfo) -> str:
    """The member's path with forward slashes. Some archivers write UTF-8 without saying so,
    which zipfile then reads as code page 437."""
    name = member.filename
    if not member.flag_bits & _UTF8_NAME:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _member_problem(member: zipfile.ZipInfo, name: str, limits: Limits) -> Message | None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or ":" in name.split("/")[0]:
        return Message("Its path leads out of the archive.")
    if stat.S_ISLNK(member.external_attr >> 16):
        return Message("It is a link, not a file.")
    if member.flag_bits & _ENCRYPTED:
        return Message("It is encrypted.")
    if path.suffix.lower() in _ARCHIVES:
        return Message("It is an archive inside the archive.")
    if member.file_size > limits.file:
        return Message("It is larger than {limit} MB.", limit=limits.file // 2**20)
    packed = max(member.compress_size, 1)
    if member.file_size > max(limits.ratio_from, limits.ratio * packed):
        return Message("It unpacks to over {ratio} times its size.", ratio=limits.ratio)
    return None


def _bounded(entry: Entry, file: IO[bytes], limits: Limits) -> bytes:
    data = file.read(limits.file + 1)
    if len(data) > limits.file:
        raise SourceError.because(
            Message("It is larger than {limit} MB.", limit=limits.file // 2**20),
            Message("Save the image with fewer pixels."),
            source=entry.name,
        )
    return data


def _too_many(name: str, limits: Limits) -> SourceError:
    return SourceError.because(
        Message("There are more than {limit} files.", limit=limits.files),
        Message("Give the images in parts."),
        source=name,
    )


def _broken(entry: Entry, error: Exception) -> SourceError:
    return SourceError.because(
        Message("The file can't be read ({reason}).", reason=str(error)),
        Message("Copy the image again from where it came from."),
        source=entry.name,
    )
