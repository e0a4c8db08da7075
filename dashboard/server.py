"""The web server: the app, the routes beside it, and what stands before both."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from dashboard import loading, parts
from dashboard.serving.gate import Gate
from dashboard.serving.headers import SecurityHeaders
from dashboard.serving.request_log import RequestLog
from dashboard.serving.return_to import ReturnTo
from dashboard.serving.routes import routes
from dashboard.serving.session_limit import SessionLimit, most_sessions
from dashboard.serving.sign_in import streamlit_secrets
from dashboard.serving.slow_readers import SlowReaders
from dashboard.serving.start import checked_access, raise_descriptor_limit
from dashboard.serving.uploads import Uploads
from dashboard.turns import share_interpreter
from pipeline import logs
from pipeline.demonstration import DEFAULT_REQUEST

log = logging.getLogger(__name__)

access = checked_access()
raise_descriptor_limit()
if logs.is_json():
    logs.set_up(logging.INFO)


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Make ready for many visitors, and ask for the first one's comparison."""
    import_pages()
    share_interpreter()
    if logs.is_json():
        # Streamlit has made further loggers since.
        logs.write_json()
    if access.mode != "read-only":
        await run_in_threadpool(warm)
    yield


def import_pages() -> None:
    """Import what pages are made of, so that no visitor waits for it: a third of a second."""
    import_module("pandas")  # Streamlit does, as soon as a page shows anything of our own
    for part in iter_modules(parts.__path__, f"{parts.__name__}."):
        import_module(part.name)


def warm() -> None:
    """Compute the demonstration's comparison unless it is there."""
    try:
        loading.compute_for_the_first_visitor(DEFAULT_REQUEST)
    except Exception:
        # Whatever it is, other comparisons may be fine, and the page can say what is wrong.
        log.exception("the demonstration cannot be computed")


app: ASGIApp = st.App(
    Path(__file__).with_name("app.py"),
    secrets=streamlit_secrets(access),
    lifespan=lifespan,
    routes=routes(str(st.get_option("server.baseUrlPath") or "")),
    middleware=[
        *([Middleware(RequestLog)] if logs.is_json() else []),
        Middleware(SecurityHeaders),
        Middleware(Gate, access),
        Middleware(SessionLimit, most_sessions()),
        Middleware(Uploads, access),
        Middleware(ReturnTo, is_secure=access.is_secure),
    ],
)
# Before what Starlette puts before all middleware. `streamlit run` knows the app by its line above.
app = SlowReaders(app)
