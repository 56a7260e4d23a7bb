"""Image addresses: opaque, signed for one viewer, good until they expire."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b, sha256

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from overread.flows.people import participation_of
from overread.store import blobs
from overread.store.models import Rendition, User
from overread.web.access import bearer

# Expiry is rounded up, so that an image keeps its address, and its place in the cache, for a while.
ROUND_MS = 3_600_000
OWNER_MS = 2 * ROUND_MS


def address(handle: str, viewer: str, expires: int) -> str:
    """The address under which `viewer` may fetch a rendition until about `expires` (ms UTC)."""
    rounded = -(-expires // ROUND_MS) * ROUND_MS
    return f"/i/{handle}?e={rounded}&s={_signature(handle, viewer, rounded)}"


def contributor(participation: int) -> str:
    return f"participation {participation}"


def person(user: User) -> str:
    return f"user {user.pk}"


def _is_person(viewer: str) -> bool:
    """Whether somebody looks as an owner, not as a contributor."""
    return viewer.startswith("user ")


def owner_address(rendition: Rendition, user: User) -> str:
    now = int(datetime.now(UTC).timestamp() * 1000)
    return address(rendition.handle, person(user), now + OWNER_MS)


def image(request: HttpRequest, handle: str) -> HttpResponseBase:
    """A rendition's bytes, to the viewer whose signature the address carries."""
    now = datetime.now(UTC)
    expires, signature = request.GET.get("e", ""), request.GET.get("s", "")
    if not expires.isdecimal() or int(expires) < now.timestamp() * 1000:
        raise Http404
    viewer = next(
        (
            viewer
            for viewer in _viewers(request, now)
            if hmac.compare_digest(signature, _signature(handle, viewer, int(expires)))
        ),
        None,
    )
    if viewer is None:
        raise Http404
    rendition = Rendition.objects.select_related("blob", "image").filter(handle=handle).first()
    if rendition is None or (rendition.image.hidden and not _is_person(viewer)):
        raise Http404
    age = int(int(expires) / 1000 - now.timestamp())
    return HttpResponse(
        blobs.read(rendition.blob),
        content_type=rendition.blob.media_type,
        headers={"Cache-Control": f"private, max-age={age}, immutable"},
    )


def _viewers(request: HttpRequest, now: datetime) -> list[str]:
    """Everyone that the one who asks is: themselves, and a contributor in each of their jobs."""
    token = bearer(request)
    if token:
        participation = participation_of(token, now)
        return [contributor(participation.pk)] if participation else []
    if not isinstance(request.user, User):
        return []
    return [person(request.user), *map(contributor, _participations(request.user))]


def _participations(user: User) -> Iterable[int]:
    return user.participations.values_list("pk", flat=True)


def _signature(handle: str, viewer: str, expires: int) -> str:
    message = f"image {handle} {viewer} {expires}".encode()
    signed = blake2b(message, digest_size=18, key=_key(settings.SECRET_KEY))
    return urlsafe_b64encode(signed.digest()).decode()


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return sha256(f"image addresses {secret}".encode()).digest()
