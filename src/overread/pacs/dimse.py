"""An archive that speaks DIMSE: C-FIND to find, C-MOVE or C-GET to fetch, C-ECHO to try."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self

from pydicom import Dataset
from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext, build_context, build_role

from overread.core.problems import Message, Refused
from overread.pacs.archive import (
    LIMITS,
    ArchiveError,
    Limits,
    Series,
    Study,
    is_uid,
    too_large,
    too_many_answers,
)
from overread.pacs.bounds import Bounds
from overread.pacs.configuration import DimseArchive, Sender, client_context, server_context
from overread.pacs.dicom_network import FIND, GET, MOVE, VERIFICATION, asked_for, classes_of
from overread.pacs.receiver import Receiver
from overread.pacs.spool import Spool
from overread.pacs.storing import NO_ROOM, size_of, store

_PENDING = (0xFF00, 0xFF01)
# Done, or done but for some pictures, which the counts say (PS3.4 C.4.2.1.5).
_ENDED = (0x0000, 0xB000)
_DESTINATION_UNKNOWN = 0xA801
# An archive may have to fetch a study from slow storage before it says a word.
_CONNECT, _ANSWER = 15, 600
_BOUNDS = Bounds(idle=_ANSWER)
_TRY_AGAIN = Message("Try again later, or ask who keeps the archive.")


class Dimse:
    """The archive at `place`, asked in the name `ae_title`."""

    def __init__(self, ae_title: str, place: DimseArchive, limits: Limits = LIMITS) -> None:
        self._ae_title = ae_title
        self._place = place
        self._limits = limits
        self._received = 0
        self._tls = client_context(place.tls) if place.tls else None
        self._receiver = self._listener() if place.move_port else None

    def __enter__(self) -> Self:
        if self._receiver:
            self._receiver.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._receiver:
            self._receiver.stop()

    def echo(self) -> None:
        """Whether it answers at all. Raises ArchiveError."""
        with self._associated([build_context(VERIFICATION)]) as association:
            _refuse_unless(association.send_c_echo(), (0x0000,))

    def studies(self, keys: Mapping[str, str]) -> list[Study]:
        found = self._find("STUDY", {"StudyInstanceUID": "", "AccessionNumber": "", **keys})
        return [Study(one["StudyInstanceUID"], one["AccessionNumber"]) for one in found]

    def series(self, study: Study) -> list[Series]:
        keys = {"StudyInstanceUID": study.uid, "SeriesInstanceUID": "", "Modality": ""}
        found = self._find("SERIES", keys)
        return [Series(study.uid, one["SeriesInstanceUID"], one["Modality"]) for one in found]

    def fetch(self, series: Series, spool: Spool) -> int:
        keys = {"StudyInstanceUID": series.study, "SeriesInstanceUID": series.uid}
        asked = _question("SERIES", keys)
        return self._move(asked, spool) if self._receiver else self._get(asked, spool)

    def _find(self, level: str, keys: Mapping[str, str]) -> list[dict[str, str]]:
        """The values of `keys` in each answer that says what it is about."""
        found = []
        named = [key for key in keys if key.endswith("InstanceUID")]
        with self._associated([build_context(FIND)]) as association:
            for status, answer in association.send_c_find(_question(level, keys), FIND):
                _refuse_unless(status, (0x0000, *_PENDING))
                if answer is None:
                    continue
                values = {key: str(answer.get(key) or "").strip() for key in keys}
                if all(is_uid(values[key]) for key in named):
                    found.append(values)
                if len(found) > self._limits.answers:
                    raise too_many_answers(self._limits)
        return found

    def _move(self, asked: Dataset, spool: Spool) -> int:
        """The archive sends to our own receiver, and says how many it sent."""
        receiver = self._receiver
        assert receiver is not None
        before = receiver.stored
        receiver.spool = spool
        try:
            with self._associated([build_context(MOVE)]) as association:
                ended = self._last(association.send_c_move(asked, self._ae_title, MOVE))
        finally:
            receiver.spool = None
        sent = _count(ended, "Completed") + _count(ended, "Warning")
        arrived = receiver.stored - before
        return _count(ended, "Failed") + max(0, sent - arrived)

    def _get(self, asked: Dataset, spool: Spool) -> int:
        """The archive sends over the association on which it was asked."""

        def keep(event: evt.Event) -> int:
            return store(event, spool) if self._has_room(size_of(event)) else NO_ROOM

        pictures = asked_for()
        roles = [build_role(one, scp_role=True) for one in classes_of(pictures)]
        contexts = [build_context(GET), *pictures]
        with self._associated(contexts, roles, [(evt.EVT_C_STORE, keep)]) as association:
            ended = self._last(association.send_c_get(asked, GET))
        return _count(ended, "Failed")

    def _has_room(self, size: int) -> bool:
        self._received += size
        return self._received <= self._limits.total

    def _last(self, answers: Iterable[tuple[Dataset, Dataset | None]]) -> Dataset:
        """The final answer, with its counts. Where there was no room, that is why it failed."""
        ended = Dataset()
        for ended, _ in answers:
            if not self._has_room(0):
                raise too_large()
            _refuse_unless(ended, (*_ENDED, *_PENDING))
        return ended

    @contextmanager
    def _associated(
        self,
        contexts: list[PresentationContext],
        roles: Sequence[Any] = (),
        handlers: Sequence[Any] = (),
    ) -> Iterator[Association]:
        ae = AE(self._ae_title)
        ae.connection_timeout = ae.acse_timeout = _CONNECT
        ae.dimse_timeout = ae.network_timeout = _ANSWER
        place = self._place
        try:
            association = ae.associate(
                place.host,
                place.port,
                contexts,
                place.ae_title,
                ext_neg=list(roles),
                tls_args=(self._tls, place.host) if self._tls else None,
                evt_handlers=[*handlers, *_BOUNDS.handlers()],
            )
        except OSError as error:  # the host's name is not known
            raise _unreachable() from error
        _refuse_without(association, contexts[0])
        try:
            yield association
        except Refused:
            association.abort()
            raise
        except Exception:  # an answer that can't be read fails in every way there is
            association.abort()
            raise _broken_off() from None
        except BaseException:
            association.abort()
            raise
        association.release()

    def _listener(self) -> Receiver:
        assert self._place.move_port is not None
        return Receiver(
            self._ae_title,
            (self._place.move_address, self._place.move_port),
            [Sender(self._place.ae_title, self._place.host)],
            None,
            has_room=self._has_room,
            tls=server_context(self._place.tls) if self._place.tls else None,
        )


def _question(level: str, keys: Mapping[str, str]) -> Dataset:
    asked = Dataset()
    if not all(value.isascii() for value in keys.values()):
        asked.SpecificCharacterSet = "ISO_IR 192"
    asked.QueryRetrieveLevel = level
    for keyword, value in keys.items():
        setattr(asked, keyword, value)
    return asked


def _refuse_unless(status: Dataset, good: Sequence[int]) -> None:
    code = status.get("Status")
    if code is None:  # the association ended instead of an answer
        raise _broken_off()
    if code == _DESTINATION_UNKNOWN:
        raise ArchiveError.because(
            Message("The archive doesn't know where to send the pictures to."),
            Message("Have our AE title, address and move_port entered there."),
        )
    if code not in good:
        raise ArchiveError.because(
            Message("The archive answers with an error ({status}).", status=f"{code:04X}"),
            _TRY_AGAIN,
        )


def _refuse_without(association: Association, service: PresentationContext) -> None:
    if association.is_rejected:
        raise _rejected()
    if service.abstract_syntax in (one.abstract_syntax for one in association.accepted_contexts):
        return
    if not association.is_established and not association.rejected_contexts:
        raise _unreachable()
    association.abort()
    raise ArchiveError.because(
        Message("The archive does not offer us this service."),
        Message("Have it allowed there, or use the other of C-GET and C-MOVE (move_port)."),
    )


def _count(ended: Dataset, kind: str) -> int:
    return int(ended.get(f"NumberOf{kind}Suboperations") or 0)


def _broken_off() -> ArchiveError:
    return ArchiveError.because(Message("The archive broke the connection off."), _TRY_AGAIN)


def _unreachable() -> ArchiveError:
    return ArchiveError.because(
        Message("The archive can't be reached."),
        Message(
            "Whoever runs this server can check host, port and TLS in pacs.toml, and whether it "
            "answers from here."
        ),
    )


def _rejected() -> ArchiveError:
    return ArchiveError.because(
        Message("The archive does not let us in."),
        Message("Check both AE titles in pacs.toml, and have ours entered in the archive."),
    )
