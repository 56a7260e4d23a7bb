"""What was handed over, opened: tables, and the files of images."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.conf import settings

from overread.core.addresses import Allowed
from overread.core.problems import Message, Problem, Refused
from overread.flows.intake.drafts import Options
from overread.flows.intake.passing_folders import UNPACKED, passing_folder, uploads
from overread.flows.intake.remote import has_files, missing_of
from overread.formats.archives import is_archive
from overread.formats.image_addresses import Fetcher
from overread.formats.image_files import Entry, ImageFiles, Limits
from overread.formats.image_sources import open_source
from overread.formats.sources import is_table_name, tell_apart
from overread.formats.tables import TableReader, open_table


@dataclass(frozen=True)
class Sources:
    """`missing` is what could not be fetched of sources that lie elsewhere; `fetch` gets an image
    from its address, where the owner said so. `accounted`: the attributes of DICOM files are
    counted as they are read.
    """

    tables: Sequence[TableReader]
    files: ImageFiles
    missing: Sequence[Problem]
    form: Path | None = None
    fetch: Callable[[str], bytes] | None = None
    accounted: bool = False


@contextmanager
def opened(paths: Sequence[Path], options: Options) -> Iterator[Sources]:
    """Tables, images and a form told apart; where no table is given, one among the images counts:
    out of an archive, it is unpacked beside the uploads. Tables that are zipped alone, as the
    reference platform hands them out, are given.

    Raises Refused.
    """
    fetched = {path: found for path in paths if (found := missing_of(path)) is not None}
    told = tell_apart([path for path in paths if path not in fetched or has_files(path)])
    _refuse_two_forms(told.forms)
    with ExitStack() as stack:
        zipped = [path for path in told.images if _holds_tables(path)]
        tables = [open_table(path) for path in told.tables]
        for path in zipped:
            source = stack.enter_context(closing(open_source(path, _limits())))
            tables += [
                _unpacked(entry, source.read(entry), stack.enter_context(passing_folder(UNPACKED)))
                for entry in source.entries
            ]
        if tables and options.labels_from_folders:
            raise Refused.because(
                Message("Labels can't come from folders where a table lists the rows."),
                Message("Leave the table out, or give it a column with the labels instead."),
                source=tables[0].name,
            )
        images = [path for path in told.images if path not in zipped]
        files = stack.enter_context(ImageFiles.open(images, _limits()))
        if not tables and not options.labels_from_folders:
            tables = [
                _unpacked(entry, files.read(entry), stack.enter_context(passing_folder(UNPACKED)))
                for entry in _tables_among(files)
            ]
        missing = [one for some in fetched.values() for one in some]
        form = told.forms[0] if told.forms else None
        fetch = _fetcher().fetch if options.fetch else None
        yield Sources(tables, files, missing, form, fetch)


def _refuse_two_forms(forms: Sequence[Path]) -> None:
    if len(forms) > 1:
        raise Refused.because(
            Message("A job has one form, not two."),
            Message("Leave one of the two files of CML out."),
            source=forms[1].name,
        )


def _holds_tables(path: Path) -> bool:
    """Whether an archive holds tables and nothing else."""
    if path.is_dir() or not is_archive(path):
        return False
    with closing(open_source(path, _limits())) as source:
        names = [entry.name for entry in source.entries]
    return bool(names) and all(map(is_table_name, names))


def _fetcher() -> Fetcher:
    return Fetcher(Allowed.parse(settings.FETCH_ALLOW))


def _limits() -> Limits:
    return Limits(room=uploads())


def _tables_among(files: ImageFiles) -> list[Entry]:
    found = [entry for entry in files.others() if is_table_name(entry.name)]
    if len(found) > 1:
        raise Refused.because(
            Message(
                "There are several tables: {names}.",
                names=", ".join(entry.name for entry in found[:5]),
            ),
            Message("Give the one that lists the images as a source of its own."),
            source=PurePosixPath(found[0].name).parts[0],
        )
    return found


def _unpacked(entry: Entry, data: bytes, folder: Path) -> TableReader:
    path = folder / f"table{PurePosixPath(entry.name).suffix}"
    path.write_bytes(data)
    return open_table(path, name=entry.name)
