"""How many pages may be open at once: each keeps a connection and memory, and is drawn anew."""

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from pipeline import variables

DEFAULT_MOST = 500
_TRY_AGAIN_S = 30
# What an open page asks for, and where a sign-in ends.
_OF_AN_OPEN_PAGE = ("/_stcore/", "/api/", "/media/", "/static/", "/auth/", "/oauth2callback")


def most_sessions() -> int:
    """Return how many pages may be open at once.

    Raises
    ------
    SettingsError
        If LAYERSCOPE_MAX_SESSIONS is no whole number from 1.
    """
    return variables.whole_number("MAX_SESSIONS", "how many pages may be open") or DEFAULT_MOST


class SessionLimit:
    """Refuses a page beyond so many, with words; those that are open stay.

    Parameters
    ----------
    app : ASGI application
    most : int
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app, self._most, self._open = app, most, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        is_session = scope["type"] == "websocket"
        if self._open >= self._most and (is_session or is_visit(scope)):
            refusal = self._refusal()
            if is_session:
                await WebSocket(scope, receive, send).send_denial_response(refusal)
            else:
                await refusal(scope, receive, send)
            return
        self._open += is_session
        try:
            await self.app(scope, receive, send)
        finally:
            self._open -= is_session

    def _refusal(self) -> PlainTextResponse:
        return PlainTextResponse(
            f"All {self._most:,} pages that this server shows at once are open "
            "(LAYERSCOPE_MAX_SESSIONS). Try again when somebody has left, in a minute perhaps.",
            status_code=503,
            headers={"Retry-After": f"{_TRY_AGAIN_S}", "Cache-Control": "no-store"},
        )


def is_visit(scope: Scope) -> bool:
    """Return whether a request is that of somebody who opens a page."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    wants_page = "text/html" in Headers(scope=scope).get("accept", "")
    return wants_page and not any(part in scope["path"] for part in _OF_AN_OPEN_PAGE)
