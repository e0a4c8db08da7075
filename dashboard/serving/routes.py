"""What the pages load beside Streamlit: plotly.js, and recordings of registered corpora."""

import logging
import re
from collections.abc import Mapping

import soundfile
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dashboard import loading
from dashboard.access import read_access
from dashboard.components.alignment_data import picture_bytes
from dashboard.serving.metrics import metrics
from dashboard.serving.plotly_js import plotly_js
from dashboard.serving.sign_in import role_of
from pipeline.corpus.utterance import Utterance
from pipeline.errors import AudioError
from pipeline.sound import as_wav

log = logging.getLogger(__name__)

# Of a recording, for who looks at it and nobody between.
_KEPT = {"Cache-Control": "private, max-age=3600"}


async def audio(request: Request) -> Response:
    """Serve an utterance of a registered corpus as WAV, to those who may look at the pages."""
    found = await _utterance_of(request)
    if isinstance(found, Response):
        return found
    try:
        body = await run_in_threadpool(as_wav, found.audio, found.segment)
    except (OSError, soundfile.LibsndfileError, AudioError) as error:
        log.warning("cannot serve %s: %s", found.audio, error)
        return PlainTextResponse("The recording cannot be read.", status_code=404)
    return _range_of(request, body, _KEPT)


async def picture(request: Request) -> Response:
    """Serve what is drawn of an utterance's sound, to those who may look at the pages."""
    found = await _utterance_of(request)
    if isinstance(found, Response):
        return found
    body = await run_in_threadpool(_picture_of, request.path_params["corpus"], found.id)
    if body is None:
        return PlainTextResponse("It is not computed yet.", status_code=404)
    return Response(body, media_type="application/octet-stream", headers=_KEPT)


def _picture_of(corpus_name: str, utterance: str) -> bytes | None:
    view = loading.recording_view(corpus_name, utterance)
    return None if view is None else picture_bytes(view.spectrogram, view.peaks.reshape(-1))


async def _utterance_of(request: Request) -> Utterance | Response:
    """Return the utterance that a path names, or why it is not served."""
    if role_of(request, read_access()) is None:
        return PlainTextResponse("Sign in first.", status_code=401)
    corpus_name, utterance = request.path_params["corpus"], request.path_params["utterance"]
    if corpus_name not in loading.corpus_names():
        return PlainTextResponse("There is no such corpus.", status_code=404)
    found = (await run_in_threadpool(loading.corpus, corpus_name)).by_id.get(utterance)
    if found is None:
        return PlainTextResponse("The corpus has no such utterance.", status_code=404)
    return found


def _range_of(request: Request, body: bytes, headers: Mapping[str, str]) -> Response:
    """Answer the byte range that a player asks for, so that it can seek."""
    headers = {**headers, "Accept-Ranges": "bytes"}
    asked = re.fullmatch(r"bytes=(\d{1,18})-(\d{0,18})", request.headers.get("range", ""))
    if asked is None:
        return Response(body, media_type="audio/wav", headers=headers)
    first, last = int(asked[1]), min(int(asked[2] or len(body)), len(body) - 1)
    if first > last:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{len(body)}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
    return Response(body[first : last + 1], 206, headers, "audio/wav")


_ROUTES = (
    Route("/api/metrics", metrics),
    Route("/api/plotly.min.js", plotly_js),
    Route("/api/audio/{corpus}/{utterance:path}.wav", audio),
    Route("/api/picture/{corpus}/{utterance:path}.bin", picture),
)


def routes(base: str) -> tuple[Route, ...]:
    """Return what is served, also below the base path that browsers find the pages under.

    Streamlit puts its own routes there, and answers every other path there with its page.

    Parameters
    ----------
    base : str
        As Streamlit's option server.baseUrlPath says it, with or without slashes.
    """
    prefix = base.strip("/")
    below = [Route(f"/{prefix}{each.path}", each.endpoint) for each in _ROUTES] if prefix else []
    return (*below, *_ROUTES)
