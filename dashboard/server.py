"""The web server: the app, the routes beside it, and the headers of every answer."""

import gc
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import plotly
import soundfile
import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import loading
from pipeline.demonstration import DEFAULT_REQUEST
from pipeline.sound import as_wav

log = logging.getLogger(__name__)

PLOTLY_JS = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
}


async def plotly_js(_request: Request) -> Response:
    """Serve the plotly.js that the plotly package ships."""
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return FileResponse(PLOTLY_JS, media_type="text/javascript", headers=headers)


async def audio(request: Request) -> Response:
    """Serve an utterance of a registered corpus as WAV."""
    corpus_name, utterance = request.path_params["corpus"], request.path_params["utterance"]
    if corpus_name not in loading.corpus_names():
        return PlainTextResponse("There is no such corpus.", status_code=404)
    found = (await run_in_threadpool(loading.corpus, corpus_name)).by_id.get(utterance)
    if found is None:
        return PlainTextResponse("The corpus has no such utterance.", status_code=404)
    try:
        body = await run_in_threadpool(as_wav, found.audio, found.segment)
    except (OSError, soundfile.LibsndfileError) as error:
        log.warning("cannot serve %s: %s", found.audio, error)
        return PlainTextResponse("The recording cannot be read.", status_code=404)
    headers = {"Cache-Control": "private, max-age=3600"}
    return _range_of(request, body, headers)


def _range_of(request: Request, body: bytes, headers: dict[str, str]) -> Response:
    """Answer the byte range that a player asks for, so that it can seek."""
    headers = {**headers, "Accept-Ranges": "bytes"}
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
    if asked is None:
        return Response(body, media_type="audio/wav", headers=headers)
    first, last = int(asked[1]), min(int(asked[2] or len(body)), len(body) - 1)
    if first > last:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{len(body)}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
    return Response(body[first : last + 1], 206, headers, "audio/wav")


class SecurityHeaders:
    """Adds the same headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, receive, send_with_headers)


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Ask for the first visitor's comparison, and keep imports out of garbage collection.

    Streamlit collects garbage after every run of a page; what was imported need not be looked at
    each time (2 s against 9 ms a run with fifty visitors).
    """
    gc.collect()
    gc.freeze()
    await run_in_threadpool(warm)
    yield


def warm() -> None:
    """Compute the demonstration's comparison unless it is there."""
    try:
        if loading.result(DEFAULT_REQUEST, "debiased") is None:
            loading.compute(DEFAULT_REQUEST, asked_by="the server, at its start")
    except Exception:
        # Whatever it is, other comparisons may be fine, and the page can say what is wrong.
        log.exception("the demonstration cannot be computed")


app = st.App(
    Path(__file__).with_name("app.py"),
    lifespan=lifespan,
    routes=[
        Route("/api/plotly.min.js", plotly_js),
        Route("/api/audio/{corpus}/{utterance:path}.wav", audio),
    ],
    middleware=[Middleware(SecurityHeaders)],
)
