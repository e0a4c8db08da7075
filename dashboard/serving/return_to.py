"""Back to where somebody was when they signed in: Streamlit always goes to the first page."""

from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE, MOST_SECONDS, MOST_CHARACTERS = "layerscope_return", 600, 3000
_LOGIN, _CALLBACK = "/auth/login", "/oauth2callback"


class ReturnTo:
    """Notes where a sign-in starts, and leads there when it has ended.

    Parameters
    ----------
    app : ASGI application
    is_secure : bool
        Whether browsers reach the server by https, so that the cookie never goes by http.
    """

    def __init__(self, app: ASGIApp, *, is_secure: bool) -> None:
        self.app, self._is_secure = app, is_secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or not scope["path"].endswith((_LOGIN, _CALLBACK)):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        is_login = scope["path"].endswith(_LOGIN)
        place = (
            place_of(request.headers.get("referer", ""), request.headers.get("host", ""))
            if is_login
            else place_from(request.cookies.get(COOKIE, ""))
        )

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if not is_login and place and is_first_page(headers.get("location", "")):
                    headers["location"] = place
                kept = quote(place, safe="") if is_login else ""
                headers.append("set-cookie", self._cookie(kept))
            await send(message)

        await self.app(scope, receive, send_on)

    def _cookie(self, value: str) -> str:
        age_s = MOST_SECONDS if value else 0
        secure = "; Secure" if self._is_secure else ""
        return f"{COOKIE}={value}; Max-Age={age_s}; Path=/; HttpOnly; SameSite=Lax{secure}"


def place_of(referer: str, host: str) -> str:
    """Return path and query of the page that a request comes from, empty if it is not of ours."""
    try:
        parts = urlsplit(referer)
    except ValueError:
        return ""
    if not host or parts.netloc != host:
        return ""
    return checked(parts.path + (f"?{parts.query}" if parts.query else ""))


def place_from(cookie: str) -> str:
    """Return the path and query that a cookie names."""
    return checked(unquote(cookie))


def checked(place: str) -> str:
    r"""Return a place on this server, empty if a browser might take it for one elsewhere.

    Examples
    --------
    >>> checked("/words?a=minilm"), checked("//elsewhere.org"), checked("/\\elsewhere.org")
    ('/words?a=minilm', '', '')
    """
    is_plain = place.isascii() and place.isprintable() and " " not in place
    is_here = place.startswith("/") and not place.startswith(("//", "/\\"))
    return place if is_plain and is_here and len(place) <= MOST_CHARACTERS else ""


def is_first_page(location: str) -> bool:
    """Return whether a redirect leads to the first page of this server."""
    parts = urlsplit(location)
    return not parts.netloc and not parts.query and parts.path.endswith("/")
