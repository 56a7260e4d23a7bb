"""The image files of a job, looked up by the name or address that a table gives.

A source is a folder, an archive (zip or tar) or a single file. A reference
is matched by its file name; where several files have that name, by as much of the path as the
reference and the file share, then by the one folder that all rows take their images from.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from posixpath import splitext
from typing import Self
from unicodedata import normalize
from urllib.parse import unquote

from overread.core.intake import path_of
from overread.core.problems import Message, Problem
from overread.formats.dicom_directories import is_directory_name, listed_among
from overread.formats.image_entries import Entry, Limits, Source, SourceError
from overread.formats.image_sources import open_source
from overread.imaging.dicom import PREAMBLE_AND_PREFIX, is_dicom

IMAGE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp", ".dcm", ".dicom"}
)
_LIMITS = Limits()
_ADD_FILE = Message("Add the file to the folder or the zip, or correct the name in the row.")
_Key = tuple[str, str]
_JPEG = frozenset({".jpg", ".jpeg"})

__all__ = ["IMAGE_SUFFIXES", "Entry", "ImageFiles", "Limits", "Match", "SourceError"]


@dataclass(frozen=True)
class Match:
    """The file that a reference means, or why there is none: exactly one of the two is set.

    `is_missing`: no file has such a name.
    """

    entry: Entry | None
    problem: Problem | None
    is_missing: bool = False


class ImageFiles:
    """A lookup over sources. Close it, or use it as a context, when the images are read.

    `problems` lists what was left out: links that lead outside, encrypted or oversized members.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        entries = [entry for source in sources for entry in source.entries]
        self._entries = sorted(entries, key=lambda entry: entry.name)
        listed, wrong = listed_among(self._entries)
        found = [problem for source in sources for problem in source.problems]
        self.problems = (*found, *wrong)
        self._images = tuple(one for one in self._entries if one in listed or _is_image(one))
        self._by_key: dict[_Key, list[Entry]] = defaultdict(list)
        self._by_folders: dict[_Key, dict[str, list[Entry]]] = {}
        for entry in self._entries:
            for key in _keys(PurePosixPath(entry.name).name):
                self._by_key[key].append(entry)
        self._repeated = any(len(entries) > 1 for entries in self._by_key.values())

    @classmethod
    def open(cls, paths: Sequence[Path], limits: Limits = _LIMITS) -> Self:
        """Raises SourceError where a path is missing, broken, or none of them holds an image."""
        files = cls([open_source(path, limits) for path in paths])
        if paths and not files.names():
            files.close()
            raise SourceError.because(
                Message("There is no image in it."),
                Message(
                    "Give a folder or an archive with JPEG, PNG, TIFF, WebP, BMP or DICOM images."
                ),
                source=", ".join(path.name for path in paths),
            )
        return files

    def names(self) -> tuple[str, ...]:
        """The images' paths inside their sources, A to Z."""
        return tuple(entry.name for entry in self._images)

    def others(self) -> tuple[Entry, ...]:
        """The files that are no images, A to Z."""
        images = set(self._images)
        return tuple(entry for entry in self._entries if entry not in images)

    def entries(self) -> tuple[Entry, ...]:
        """The images, in the order of `names`."""
        return self._images

    def named_by(self, references: Iterable[str]) -> set[Entry]:
        """The images that references may mean, whichever folder they are taken from."""
        return {entry for one in references if one.strip() for entry in self._candidates(one)}

    def find(self, reference: str, folder: str = "") -> Match:
        """The file that `reference` means, inside `folder` where one was chosen."""
        if not reference.strip():
            return _none(
                Message("The row names no image."),
                Message("Fill in the image's address or file name."),
            )
        found = self._candidates(reference)
        inside = [entry for entry in found if _within(entry.name, folder)]
        if len(inside) == 1:
            return Match(inside[0], None)
        name = _segments(reference)[-1]
        if not found:
            return _none(
                Message("There is no image file called {name}.", name=name),
                _ADD_FILE,
                is_missing=True,
            )
        names = _listed(inside or found)
        if inside:
            return _none(
                Message("{name} is there more than once: {names}.", name=name, names=names),
                Message("Give only the folder or zip whose images are to be judged."),
            )
        return _none(
            Message(
                "The image is only there as {names}; the other rows take theirs from {folder}.",
                names=names,
                folder=folder,
            ),
            Message("Put the same kind of image for this row into {folder}.", folder=folder),
        )

    def choose_folder(self, references: Iterable[str]) -> str:
        """The folder that gives most references exactly one image; "" is all of them.

        The images of a job come from one place: two sizes of the same image in two folders,
        mixed by chance, would tell test questions from work. Where no name is there twice, or
        two folders are equally good, nothing is chosen.
        """
        if not self._repeated:
            return ""
        once: Counter[str] = Counter()
        several: Counter[str] = Counter()
        is_needed = False
        for reference in references:
            entries = self._candidates(reference)
            is_needed = is_needed or len(entries) > 1
            for folder, count in Counter(f for e in entries for f in _folders(e.name)).items():
                (once if count == 1 else several)[folder] += 1
        if not is_needed:
            return ""
        rank = {folder: (once[folder], -several[folder]) for folder in once | several}
        most = max(rank.values())
        best = {folder for folder in rank if rank[folder] == most}
        widest = [one for one in best if one == "" or best.isdisjoint(_folders(one))]
        return widest[0] if len(widest) == 1 else ""

    def read(self, entry: Entry) -> bytes:
        """The file's bytes. Raises SourceError where it is too large or can't be read."""
        return entry.source.read(entry)

    def close(self) -> None:
        for source in self._sources:
            source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _candidates(self, reference: str) -> list[Entry]:
        """The files that the reference's name fits, of them those that share most of its path."""
        if not self._entries:
            return []
        segments = _segments(reference)
        written = reference.replace("\\", "/").rsplit("/", 1)[-1].strip()
        for key in (*_keys(written), *_keys(segments[-1])):
            if found := self._by_key.get(key):
                return self._nearest(key, segments) if len(found) > 1 else found
        return []

    def _nearest(self, key: _Key, segments: Sequence[str]) -> list[Entry]:
        """Of the files under `key`, those that share most folders with the reference."""
        if key not in self._by_folders:
            by_folders: dict[str, list[Entry]] = defaultdict(list)
            for entry in self._by_key[key]:
                folders = PurePosixPath(entry.name.casefold()).parts[:-1]
                for start in range(len(folders)):
                    by_folders["/".join(folders[start:])].append(entry)
            self._by_folders[key] = by_folders
        for start in range(len(segments) - 1):
            if shared := self._by_folders[key].get("/".join(segments[start:-1]).casefold()):
                return shared
        return self._by_key[key]


def _segments(reference: str) -> list[str]:
    """The folders and the name in an address or a path, decoded; at least one."""
    path = path_of(reference.strip())
    parts = path.replace("\\", "/").split("/")
    if "%" in path or "\0" in path:
        parts = [unquote(part).replace("\0", "\ufffd") for part in parts]
    return [part for part in parts if part not in ("", ".")] or [reference]


def _keys(name: str) -> list[_Key]:
    """What a name is looked up by, strictest first: as it is, in any case, as any JPEG."""
    exact = name if name.isascii() else normalize("NFC", name)
    folded = exact.casefold()
    stem, suffix = splitext(folded)
    keys = [("exact", exact), ("any case", folded)]
    return [*keys, ("any JPEG", stem)] if suffix in _JPEG else keys


def _folders(name: str) -> list[str]:
    """Every folder that a file is in, the whole first: `a/b.png` is in "" and `a`."""
    parents = PurePosixPath(name).parents
    return ["" if str(parent) == "." else str(parent) for parent in reversed(parents)]


def _listed(entries: Sequence[Entry]) -> str:
    names = [entry.name for entry in entries]
    return ", ".join(names if len(names) <= 3 else [*names[:3], "…"])


def _within(name: str, folder: str) -> bool:
    return not folder or name.startswith(f"{folder}/")


def _is_image(entry: Entry) -> bool:
    path = PurePosixPath(entry.name)
    return path.suffix.lower() in IMAGE_SUFFIXES or _is_unnamed_dicom(path, entry)


def _is_unnamed_dicom(path: PurePosixPath, entry: Entry) -> bool:
    """Archives and scanners number their files, or call them by UIDs, without a suffix."""
    numbered = not path.suffix or path.suffix[1:].isdecimal()
    if not numbered or is_directory_name(path.name) or not isinstance(entry.inner, Path):
        return False
    with suppress(OSError), entry.inner.open("rb") as file:
        return is_dicom(file.read(PREAMBLE_AND_PREFIX))
    return False


def _none(problem: Message, advice: Message, *, is_missing: bool = False) -> Match:
    return Match(None, Problem("", None, None, problem, advice), is_missing)
