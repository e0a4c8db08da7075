"""Who takes an answer too slowly: what waits for them is memory and a connection of this server."""

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

# A line that is worth the name takes a part in this time: 2 kB a second.
PATIENCE_S = 30.0
PART_BYTES = 65_536


class SlowReaders:
    """Hangs up on whoever does not take the next part of an answer in time.

    It has to stand before whatever wraps `send`: what the web server itself passes is a method of
    an object that knows the connection. One that is closed, not aborted, would wait for its reader
    for ever.

    Parameters
    ----------
    app : ASGI application
    patience_s : float
        How long a part of an answer may wait.
    """

    def __init__(self, app: ASGIApp, patience_s: float = PATIENCE_S) -> None:
        self.app, self._patience_s = app, patience_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        connection = connection_of(send)
        limit_waiting(connection, self._patience_s)

        async def send_in_time(message: Message) -> None:
            for part in parts(message):
                try:
                    async with asyncio.timeout(self._patience_s):
                        await send(part)
                except TimeoutError:
                    log.warning("hung up on who took nothing for %g s", self._patience_s)
                    if connection is None:
                        raise
                    connection.abort()
                    # Which tells the app, as it does for whoever has left.
                    await send(part)

        await self.app(scope, receive, send_in_time)


def connection_of(send: Send) -> asyncio.Transport | None:
    """Return the connection that a web server's own `send` writes to, None: it is another's."""
    found: asyncio.Transport | None = getattr(getattr(send, "__self__", None), "transport", None)
    return found


def limit_waiting(connection: asyncio.Transport | None, patience_s: float) -> None:
    """Let the kernel end a connection whose other end takes nothing at all, or is not there.

    It also ends one for which this server has nothing more to send.
    """
    opened = None if connection is None else connection.get_extra_info("socket")
    if opened is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
        with suppress(OSError):  # whoever asked has left already
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(1000 * patience_s))


def parts(message: Message) -> Iterator[Message]:
    """Split the body of an answer, so that no more than a part of it waits in the connection.

    Examples
    --------
    >>> body = {"type": "http.response.body", "body": bytes(100_000)}
    >>> [(len(part["body"]), part["more_body"]) for part in parts(body)]
    [(65536, True), (34464, False)]
    """
    body = message.get("body", b"")
    if message["type"] != "http.response.body" or len(body) <= PART_BYTES:
        yield message
        return
    for start in range(0, len(body), PART_BYTES):
        is_last = start + PART_BYTES >= len(body)
        more = not is_last or message.get("more_body", False)
        yield {**message, "body": body[start : start + PART_BYTES], "more_body": more}
