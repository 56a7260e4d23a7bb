"""Where image files lie: a folder, an archive, what a DICOMDIR lists, or one file.

Nothing is followed out of it.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from overread.core.problems import Message, Problem
from overread.formats.archives import has_archive_name, is_archive, open_archive
from overread.formats.dicom_directories import is_directory_name, listed_files
from overread.formats.image_entries import (
    Entry,
    Limits,
    Source,
    SourceError,
    bounded,
    broken,
    is_junk,
    too_many,
)

_GIVE_ARCHIVE = Message("Give it as a source of its own.")
_PUT_FILE = Message("Put the file itself into the folder.")


def open_source(path: Path, limits: Limits) -> Source:
    """The folder, archive or file at `path`. Raises SourceError."""
    if path.is_dir():
        return _open_folder(path.resolve(), limits)
    if not path.is_file():
        raise SourceError.because(
            Message("It is not there."), Message("Check the path of the images."), source=path.name
        )
    if is_directory_name(path.name):
        return _open_listed(path, limits)
    if is_archive(path):
        return open_archive(path, limits)
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
                return bounded(entry, file, self._limits)
        except OSError as error:
            raise broken(entry, error) from error

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
            advice = _GIVE_ARCHIVE if has_archive_name(path.name) else _PUT_FILE
            source.problems.append(Problem(name, None, None, problem, advice))
        else:
            source.add(name, path)
        if len(source.entries) > limits.files:
            raise too_many(root.name, limits)
    return source


def _open_listed(directory: Path, limits: Limits) -> FileSource:
    """The files that a DICOMDIR lists, in their folders beside it."""
    source = FileSource(limits)
    root = directory.parent.resolve()
    data = source.read(Entry(directory.name, directory.stat().st_size, source, directory))
    for name, found in listed_files(data, directory).items():
        if isinstance(found, Problem):
            source.problems.append(found)
        elif problem := _file_problem(found.resolve(), root):
            source.problems.append(Problem(name, None, None, problem, _PUT_FILE))
        else:
            source.add(name, found)
    if len(source.entries) > limits.files:
        raise too_many(directory.name, limits)
    return source


def _walk(root: Path, unreadable: Callable[[OSError], None]) -> Iterator[Path]:
    """Every file below `root` but junk, in a fixed order."""
    for folder, folders, files in os.walk(root, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not is_junk(PurePosixPath(name)))
        for name in sorted(files):
            if not is_junk(PurePosixPath(name)):
                yield Path(folder, name)


def _file_problem(path: Path, root: Path) -> Message | None:
    """`path` is below `root` by its name; a link, or what was one, may be elsewhere."""
    if not path.is_relative_to(root) or (
        path.is_symlink() and not path.resolve().is_relative_to(root)
    ):
        return Message("The link leads out of the folder.")
    if has_archive_name(path.name):
        return Message("It is an archive inside the folder.")
    return None if path.is_file() else Message("It is not a file that can be read.")
