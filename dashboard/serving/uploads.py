"""What is uploaded: Streamlit takes any number of files of anybody who has a page open."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from dashboard.access import Access
from dashboard.serving.sign_in import role_of

# A page holds one file, and the next one for the moment in which they change places.
MOST_FILES = 2
MOST_BYTES = 200_000_000
_PLACE = "/_stcore/upload_file/"


class Uploads:
    """Refuses files of strangers, and more than memory is meant for; keeps a page's last ones.

    How large a file may be is Streamlit's option ``server.maxUploadSize``.

    Parameters
    ----------
    app : ASGI application
    access : Access
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or scope["method"] != "PUT" or _PLACE not in scope["path"]:
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(Request(scope))
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        finally:
            drop_earlier(_files(), scope["path"].partition(_PLACE)[2].partition("/")[0])

    def _refusal(self, request: Request) -> Response | None:
        if role_of(request, self._access) is None:
            return PlainTextResponse("Sign in first.", status_code=401)
        stats = _files().get_stats().values()
        if sum(each.byte_length for family in stats for each in family) > MOST_BYTES:
            return PlainTextResponse(
                f"The files that others have open take {MOST_BYTES / 1e6:g} MB, which is all that "
                "this server keeps. Try again when somebody has left.",
                status_code=503,
            )
        return None


def _files() -> MemoryUploadedFileManager:
    found = get_instance().uploaded_file_mgr
    if not isinstance(found, MemoryUploadedFileManager):
        raise TypeError(f"expected uploads to be kept in memory, found {found!r}")
    return found


def drop_earlier(files: MemoryUploadedFileManager, session: str) -> None:
    """Drop all but the last files of a session."""
    held = list(files.file_storage.get(session, ()))
    for file in held[: max(len(held) - MOST_FILES, 0)]:
        files.remove_file(session, file)
