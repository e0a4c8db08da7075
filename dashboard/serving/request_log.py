"""A line of the log for each request, and the id that proxy, server and log share."""

import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.logs import request_id

log = logging.getLogger(__name__)

HEADER = "X-Request-ID"
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_ANSWERS = ("http.response.start", "websocket.accept", "websocket.http.response.start")
_NAMES = re.compile(r"(/api/audio/|/media/).*")


class RequestLog:
    """Logs method, path, status and duration, and gives each request an id.

    The id is the proxy's where it sends one. Neither query nor cookie, nor who asks, is logged.

    Parameters
    ----------
    app : ASGI application
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        number, started_s, status = asked_id(scope), time.monotonic(), 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] in _ANSWERS:
                status = message.get("status", 101)
                MutableHeaders(scope=message)[HEADER] = number
            await send(message)

        token = request_id.set(number)
        try:
            await self.app(scope, receive, send_on)
        finally:
            facts = {
                "method": scope.get("method", "WEBSOCKET"),
                "path": logged_path(scope["path"]),
                "status": status,
                "seconds": round(time.monotonic() - started_s, 4),
            }
            log.info("answered", extra=facts)
            request_id.reset(token)


def asked_id(scope: Scope) -> str:
    """Return the id that the proxy gave a request, or a new one."""
    said = Headers(scope=scope).get(HEADER, "")
    return said if _ID.fullmatch(said) else uuid.uuid4().hex


def logged_path(path: str) -> str:
    """Return a path without what names somebody's recordings.

    Examples
    --------
    >>> logged_path("/layerscope/api/audio/interviews/anna-01.wav"), logged_path("/words")
    ('/layerscope/api/audio/...', '/words')
    """
    return _NAMES.sub(r"\1...", path)
