"""Archives as the installation knows them, and sources that name one."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl

from django.conf import settings

from overread.core.problems import Message, Refused
from overread.flows.intake.archive_sources import Matching, Open, Received
from overread.flows.intake.remote import Given
from overread.pacs.archive import MODALITY, STUDY_KEYS, Archive
from overread.pacs.configuration import (
    RECEIVED,
    Configuration,
    Refusal,
    WebArchive,
    check_address,
    client_context,
    credential,
    read_configuration,
)

log = logging.getLogger(__name__)
NAMED, ADDRESSED = "pacs:", "dicomweb+"
_LONGEST = 1_024
_INSTALL = Message("Install overread with its part for DICOM: pip install 'overread[dicom]'.")


def configuration() -> Configuration:
    """Raises Refused."""
    return read_configuration(Path(settings.PACS))


def read_source(text: str) -> Given:
    """What a source on the command line is. Raises Refused."""
    if text == NAMED + RECEIVED:
        return Received()
    if text.startswith(NAMED):
        name, _, asked = text.removeprefix(NAMED).partition("?")
        return Matching(name, archive_called(name), _keys(name, asked))
    if text.startswith(ADDRESSED):
        address, _, asked = text.removeprefix(ADDRESSED).partition("?")
        return Matching("dicomweb", _archive_at(address), _keys("dicomweb", asked))
    return Path(text)


def archive_called(name: str) -> Open:
    """How to open the archive of that name. Raises Refused."""
    known = configuration()
    if name in known.dicomweb:
        place = known.dicomweb[name]
        return _opening(place, _said_in_files(place))
    if name in known.dimse:
        asked = known.dimse[name]

        def open_dimse() -> Archive:
            with installed():
                from overread.pacs.dimse import Dimse
            return Dimse(asked.own_ae_title or known.ae_title, asked)

        return open_dimse
    names = ", ".join(sorted([*known.dicomweb, *known.dimse])) or "-"
    raise Refusal.because(
        Message("No archive is called {name}; there are: {names}.", name=name, names=names),
        Message("Add it to {path} (docs/reference/pacs.md).", path=str(settings.PACS)),
    )


def names() -> list[str]:
    """Of all archives, A to Z. Raises Refused."""
    known = configuration()
    return sorted([*known.dicomweb, *known.dimse])


@contextmanager
def told_to_owners() -> Iterator[None]:
    """What is wrong with the installation's own files is for who runs it: the log says it."""
    try:
        yield
    except Refusal as refusal:
        log.error("archives: %s", refusal)
        raise Refused.because(
            Message("The archives of this server are not set up as they should be."),
            Message("Ask who runs it to try: overread pacs echo NAME"),
        ) from None


def try_archive(name: str) -> None:
    """Whether it answers. Raises Refused."""
    with archive_called(name)() as archive:
        archive.echo()


@contextmanager
def installed() -> Iterator[None]:
    """What is imported here needs the extra for DICOM. Raises Refused."""
    try:
        yield
    except ImportError as error:
        raise Refused.because(
            Message("Asking archives is not installed here."), _INSTALL
        ) from error


def _archive_at(address: str) -> Open:
    try:
        check_address(address, address)
    except ValueError as error:
        raise Refused.because(
            Message("This is no address of an archive: {reason}.", reason=str(error)),
            Message("Write it like dicomweb+https://HOST/dicom-web?AccessionNumber=…"),
        ) from error
    return _opening(WebArchive(address), _said_in_environment())


def _opening(place: WebArchive, authorization: tuple[str, str, str]) -> Open:
    token, user, password = authorization

    def open_web() -> Archive:
        with installed():
            from overread.pacs.dicomweb import DicomWeb, basic, bearer
        header = bearer(token) if token else basic(user, password) if user else ""
        return DicomWeb(place.address, client_context(place.tls), header)

    return open_web


def _said_in_files(place: WebArchive) -> tuple[str, str, str]:
    token = credential(place.token_file) if place.token_file else ""
    password = credential(place.password_file) if place.password_file else ""
    return token, place.user, password


def _said_in_environment() -> tuple[str, str, str]:
    names = ("OVERREAD_DICOMWEB_TOKEN", "OVERREAD_DICOMWEB_USER", "OVERREAD_DICOMWEB_PASSWORD")
    token, user, password = (os.environ.get(name, "") for name in names)
    return token, user, password


def _keys(source: str, asked: str) -> Mapping[str, str]:
    return check_keys(source, dict(parse_qsl(asked, keep_blank_values=True)))


def check_keys(source: str, keys: Mapping[str, str]) -> Mapping[str, str]:
    """Raises Refused where nothing is asked, or what no archive knows."""
    known = (*STUDY_KEYS, MODALITY)
    wrong = [key for key in keys if key not in known or not 0 < len(keys[key]) <= _LONGEST]
    if wrong or not keys.keys() - {MODALITY}:
        raise Refused.because(
            Message("An archive is asked with one or several of {known}.", known=", ".join(known)),
            Message("Write them like pacs:main?StudyDate=20240101-20240131&Modality=CR"),
            source=source,
        )
    return keys
