"""A worker of the pool that only decodes, and sends the values back; started by decoding.py."""

from overread.imaging import worker
from overread.imaging.decode import decode
from overread.imaging.wire import Answer, Request


def _decoded(request: Request) -> Answer:
    found = decode(request.data)
    return Answer(exported=(found.pixels if found.deep is None else found.deep).tobytes())


worker._carry_out = _decoded
worker.main()
