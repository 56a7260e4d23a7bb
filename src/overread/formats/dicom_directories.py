"""What a DICOMDIR lists, found among the files that lie beside and below it."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path, PurePosixPath

from overread.core.problems import Message, Problem
from overread.formats.image_entries import Entry, SourceError
from overread.imaging.decoded import ImageError
from overread.imaging.isolation import pool

NAME = "DICOMDIR"
_GIVE_ALL = Message("Copy the whole disc or folder, with every file in it.")


def is_directory_name(name: str) -> bool:
    return PurePosixPath(name).name.upper() == NAME


def listed_among(entries: Sequence[Entry]) -> tuple[frozenset[Entry], list[Problem]]:
    """The files that the DICOMDIRs among `entries` list, and what is wrong with those lists."""
    found: set[Entry] = set()
    problems: list[Problem] = []
    directories = [entry for entry in entries if is_directory_name(entry.name)]
    by_path: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries if directories else ():
        by_path[_plain(entry.name)].append(entry)
    for directory in directories:
        folder = PurePosixPath(directory.name).parent
        try:
            listed = _read(directory.source.read(directory), directory.name)
        except SourceError as refused:
            problems.append(refused.problem)
            continue
        for parts in listed:
            there = by_path.get(_plain(str(folder.joinpath(*parts))), [])
            found.update(there)
            if not there:
                problems.append(_missing(directory.name, parts))
    return frozenset(found), problems


def listed_files(data: bytes, directory: Path) -> dict[str, Path | Problem]:
    """The files that this DICOMDIR lists, by name; a problem in place of one that is not there.

    Raises SourceError.
    """
    inside = cache(_by_plain_name)
    found: dict[str, Path | Problem] = {}
    for parts in _read(data, directory.name):
        path: Path | None = directory.parent
        for part in parts:
            path = inside(path).get(_plain(part)) if path else None
        found["/".join(parts)] = path or _missing(directory.name, parts)
    return found


def _read(data: bytes, name: str) -> list[list[str]]:
    try:
        return pool().listed_files(data)
    except ImageError as refused:
        told = refused.problem
        raise SourceError.because(told.problem, told.advice, source=name) from refused


def _by_plain_name(folder: Path) -> dict[str, Path]:
    with suppress(OSError):
        return {_plain(path.name): path for path in sorted(folder.iterdir())}
    return {}


def _plain(name: str) -> str:
    """File systems of discs differ in case, and may add a version, as in `IM1.;1` (ISO 9660)."""
    return name.casefold().partition(";")[0].rstrip(".")


def _missing(directory: str, parts: Sequence[str]) -> Problem:
    name = "/".join(parts)
    return Problem(
        directory, None, None, Message("It lists {name}, which is not there.", name=name), _GIVE_ALL
    )
