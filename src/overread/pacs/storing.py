"""A C-STORE becomes a file, and its status."""

import errno
import logging

from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.dsutils import encode_file_meta
from pynetdicom.events import Event

from overread.pacs.spool import Spool

log = logging.getLogger(__name__)
# PS3.4 B.2.3.
SUCCESS, NO_ROOM, FAILED, NOT_UNDERSTOOD = 0x0000, 0xA700, 0x0110, 0xC000
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_PREAMBLE = b"\0" * 128 + b"DICM"


def _request(event: Event) -> C_STORE:
    assert isinstance(event.request, C_STORE)
    return event.request


def size_of(event: Event) -> int:
    """Bytes of the data set."""
    return len(_data(_request(event)))


def store(event: Event, spool: Spool) -> int:
    """The status: success only once the file is in the spool. Nothing of it is decoded here."""
    request = _request(event)
    data = _data(request)
    if not data or not request.AffectedSOPInstanceUID:
        return NOT_UNDERSTOOD
    try:
        with spool.new(str(request.AffectedSOPInstanceUID)) as out:
            out.write(_PREAMBLE)
            out.write(encode_file_meta(event.file_meta))
            out.write(data)
    except OSError as error:
        log.error("refused a file: it can't be written (%s)", error.strerror)
        return NO_ROOM if error.errno in _NO_ROOM else FAILED
    return SUCCESS


def _data(request: C_STORE) -> memoryview:
    return request.DataSet.getbuffer() if request.DataSet else memoryview(b"")
