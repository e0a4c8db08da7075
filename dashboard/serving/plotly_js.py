"""plotly.js, which draws the charts: served small and ready to start."""

import gzip
from functools import cache
from pathlib import Path

import plotly
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

PLOTLY_JS = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
# Another version of plotly is another address.
_KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}
_SMALL = {**_KEPT, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
_FIRST, _LAST = b'"use strict";var Plotly=', b"window.Plotly = Plotly;"


async def plotly_js(request: Request) -> Response:
    """Serve the plotly.js that the plotly package ships."""
    is_small = "gzip" in request.headers.get("accept-encoding", "")
    body = await run_in_threadpool(_compressed if is_small else _script)
    return Response(body, 200, _SMALL if is_small else _KEPT, "text/javascript")


def unwrapped(script: bytes) -> bytes:
    """Return plotly.js without the function for loaders of modules that is around it.

    Chromium parses what is in such a function twice more: 0.4 s of 1.2 s until plotly.js has
    started. What does not look as expected is returned as it is.
    """
    licence, first, last = script.find(b"*/"), script.find(_FIRST), script.rfind(_LAST)
    if not 0 <= licence < first < last:
        return script
    return script[: licence + 2] + b"\n" + script[first:last] + _LAST + b"\n"


def _script() -> bytes:
    return unwrapped(PLOTLY_JS.read_bytes())


@cache
def _compressed() -> bytes:
    """Return it compressed; Streamlit would compress it anew for each browser, in its one loop."""
    return gzip.compress(_script(), mtime=0)
