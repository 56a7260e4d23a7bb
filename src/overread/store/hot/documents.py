"""JSON texts in the hot tables."""

from functools import lru_cache
from typing import Any

import msgspec

from overread.core.removal import Tally

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()


def encode(document: object) -> str:
    return _encoder.encode(document).decode()


def decode(text: str) -> Any:
    return _decoder.decode(text)


@lru_cache(maxsize=4096)
def tally_of(text: str) -> Tally:
    """A participation's tally; many contributors have the same."""
    return Tally.from_document(decode(text))
