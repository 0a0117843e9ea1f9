"""The one ASGI application: `/m/`, `/live/` and static files natively, everything else by Django in threads.

Django's own ASGI handler costs about 5 ms a request more than its WSGI handler here (reference/stack.md B).
"""

from __future__ import annotations

import asyncio
from typing import Any

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

THREADS = 8
"""Requests that Django answers at once; each thread holds one database connection."""

# Django says what a WSGI answer is in other words than a2wsgi does.
_wsgi: Any = get_wsgi_application()
_django: Any = WSGIMiddleware(_wsgi, workers=THREADS)

# Django must be set up before anything that has models is imported.
# The addresses bring 0.7 s of imports, which the first page would wait for.
from foureyes.workbench import urls, warming  # noqa: E402, F401 - as said above
from foureyes.workbench.audit.keeping import Keeper  # noqa: E402 - as above
from foureyes.workbench.library import caged, errands, holdings, rendering  # noqa: E402 - as above
from foureyes.workbench.library.ended import ended  # noqa: E402 - as above
from foureyes.workbench.library.media_route import Receive, Scope, Send, is_media, media  # noqa: E402 - as above
from foureyes.workbench.live.route import is_live, live, service  # noqa: E402 - as above
from foureyes.workbench.pages.delivered import delivered  # noqa: E402 - as above
from foureyes.workbench.pages.static_route import is_static, static  # noqa: E402 - as above
from foureyes.workbench.series import regrouping, settling  # noqa: E402 - as above


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Dispatch one connection."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif is_media(scope):
        await media(scope, receive, send)
    elif is_live(scope):
        await live(scope, receive, send)
    elif is_static(scope):
        await static(scope, receive, send)
    elif scope["type"] == "http":
        await _django(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    keeper, settler, warmer = Keeper(), settling.Settler(), warming.Warmer()
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            keeper.start()
            await asyncio.to_thread(delivered)  # 0.07 s, which the first page would wait for
            await asyncio.to_thread(settler.start)
            await service.start()
            warmer.start()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await service.stop()
            await asyncio.to_thread(warmer.stop)
            await asyncio.to_thread(settler.stop)
            await asyncio.to_thread(keeper.stop)
            regrouping.close()
            caged.close()
            await asyncio.to_thread(rendering.close)
            await asyncio.to_thread(errands.close)
            holdings.close()
            ended().close()
            await send({"type": "lifespan.shutdown.complete"})
            return
