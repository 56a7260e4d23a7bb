"""The application that the server runs: plain ASGI where it is asked most, Django for the rest."""

import gc
import os
from typing import Any

from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overread.settings")
_django = get_asgi_application()

from overread.cli.parent import end_with_parent  # noqa: E402
from overread.web.assets import Assets  # noqa: E402
from overread.web.hot import PING, Hot, ping  # noqa: E402  (models need Django set up)

_hot = Hot()
_assets = Assets(fresh=settings.DEBUG)
end_with_parent()
# What is loaded stays: the collector need not look through it, nor look after every 700 objects.
gc.freeze()
gc.set_threshold(20_000, 20, 20)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    match = _hot.handles(scope)
    if match is not None:
        await _hot(match, scope, receive, send)
    elif scope["type"] == "http" and scope["path"] == PING:
        await ping(send)
    elif scope["type"] == "http" and _assets.handles(scope):
        await _assets(scope, send)
    else:
        await _django(scope, receive, send)
