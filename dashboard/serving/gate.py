"""What the server lets in: by the name it is called, by where a request comes from, and by path."""

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.access import Access

# What Streamlit tells of itself and of all sessions, whoever asks.
_CLOSED = ("/_stcore/metrics", "/_stcore/agent")
_FOREIGN_SITES = ("cross-site", "same-site")


class Gate:
    """Refuses what comes from another page, under another name, or in mode local from elsewhere.

    A page of another site may know the address of this server, and its name may be made to lead
    here (DNS rebinding): its requests bear its own name.

    Parameters
    ----------
    app : ASGI application
    access : Access
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refusal = self.refusal(scope)
        if refusal is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refusal})
        else:
            await PlainTextResponse(refusal, status_code=403)(scope, receive, send)

    def refusal(self, scope: Scope) -> str | None:
        """Return why a request is not answered, None: it is."""
        headers, access = Headers(scope=scope), self._access
        host = headers.get("host", "")
        if access.mode == "local" and not self._is_near(scope):
            return (
                "This server answers its own machine only. Whoever runs it can open it to others: "
                "see LAYERSCOPE_MODE in docs/configuration.md."
            )
        if access.hosts and name_of(host) not in access.hosts:
            return (
                "This server does not know the name it was called by. Whoever runs it can add it "
                "to LAYERSCOPE_HOSTS."
            )
        if not self._is_own_page(headers, host, scope["path"]):
            return "Requests of other sites are not answered."
        if access.mode != "local" and any(part in scope["path"] for part in _CLOSED):
            return "This is not served here."
        return None

    def _is_near(self, scope: Scope) -> bool:
        client = scope.get("client")
        if client is None:
            return True
        try:
            address = ipaddress.ip_address(client[0])
        except ValueError:
            return False
        return address.is_loopback or any(address in each for each in self._access.local_clients)

    def _is_own_page(self, headers: Headers, host: str, path: str) -> bool:
        origin, provider = headers.get("origin"), self._access.provider
        own = {host} | ({place_of(provider.public_url)} if provider else set())
        if origin is not None and place_of(origin) not in own - {""}:
            return False
        # What a page elsewhere embeds or follows says no origin, but where it comes from.
        return "/api/" not in path or headers.get("sec-fetch-site") not in _FOREIGN_SITES


def place_of(address: str) -> str:
    """Return name and port of an address, empty where there is none.

    Examples
    --------
    >>> place_of("https://layers.lab.org:8501/words"), place_of("null")
    ('layers.lab.org:8501', '')
    """
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""


def name_of(host: str) -> str:
    """Return the name in a Host header, without its port.

    Examples
    --------
    >>> name_of("Localhost:8501"), name_of("[::1]:8501")
    ('localhost', '::1')
    """
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
