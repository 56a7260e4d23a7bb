"""A process that reads foreign files within limits, and has nothing worth taking.

Started by `isolation.Pool`, with its limits as arguments: bytes of memory, seconds of CPU for a
file. It gets no secret, writes no file and leaves no core dump, and what decoders print goes
nowhere, since it may quote a patient's name.
"""

import os
import resource
import sys
import warnings
from io import FileIO

from overread.core.problems import Message, Refused
from overread.imaging.decoded import ImageError
from overread.imaging.dicom import listed_files
from overread.imaging.preparing import blacked_out, exported, prepare
from overread.imaging.wire import (
    Account,
    Answer,
    BlackOut,
    Prepare,
    ReadDirectory,
    Request,
    receive,
    requests,
    send,
)

_MEMORY = Message("Reading the picture needs more memory than is allowed.")
_SAVE_SMALLER = Message("Save it with fewer pixels, or leave the row out.")


def main() -> None:
    memory, seconds = map(int, sys.argv[1:])
    answers = _own_pipe()
    warnings.simplefilter("ignore")
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_AS, memory)
    _serve(FileIO(sys.stdin.fileno()), answers, seconds)


def _own_pipe() -> FileIO:
    """The way to the pool, which nothing that prints can reach."""
    pipe = os.dup(sys.stdout.fileno())
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return FileIO(pipe, "wb")


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, hard))


def _serve(asked: FileIO, answers: FileIO, seconds: int) -> None:
    while True:
        try:
            request = requests.decode(receive(asked))
        except EOFError:
            return
        _limit_cpu(seconds)
        send(answers, _answer(request))


def _limit_cpu(seconds: int) -> None:
    """So much more from here on: the kernel ends the process where it needs longer."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    _limit(resource.RLIMIT_CPU, spent + seconds)


def _answer(request: Request) -> Answer:
    try:
        return _carry_out(request)
    except Refused as refused:
        return Answer(refused=refused.problem.document())
    except MemoryError:
        return Answer(refused=ImageError.because(_MEMORY, _SAVE_SMALLER).problem.document())


def _carry_out(request: Request) -> Answer:
    if isinstance(request, Prepare):
        return Answer(prepared=prepare(request.data, request.frame))
    if isinstance(request, ReadDirectory):
        return Answer(listed=listed_files(request.data))
    if isinstance(request, Account):
        from overread.imaging.dicom.account import account_of

        return Answer(account=account_of(request.data))
    if isinstance(request, BlackOut):
        made = blacked_out(request.data, request.media_type, request.greys, request.boxes)
        return Answer(prepared=made)
    png = exported(request.data, request.media_type, request.greys, synthetic=request.synthetic)
    return Answer(exported=png)


if __name__ == "__main__":
    main()
