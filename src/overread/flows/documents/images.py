"""Images inside a document."""

from base64 import b64encode
from dataclasses import dataclass

from overread.store import blobs
from overread.store.models import Rendition
from overread.store.queries.thumbnails import Thumbnail


@dataclass(frozen=True)
class Embedded:
    """An image whose address holds all of its bytes."""

    address: str
    width: int
    height: int
    synthetic: bool


def embed(thumbnail: Thumbnail, *, small: bool = False) -> Embedded | None:
    """A row's first image as contributors get it; None where it has none, or where
    it is hidden since a name is visible on it.
    """
    rendition = thumbnail.small if small else thumbnail.large
    return _embed(rendition) if rendition and not rendition.image.hidden else None


def _embed(rendition: Rendition) -> Embedded:
    data = b64encode(blobs.read(rendition.blob)).decode()
    return Embedded(
        f"data:{rendition.blob.media_type};base64,{data}",
        rendition.width,
        rendition.height,
        rendition.image.synthetic,
    )
