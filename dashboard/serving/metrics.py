"""Numbers for Prometheus: jobs, queue, what was found in the store, memory. Off without a token."""

import hmac
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import psutil
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from dashboard import loading
from pipeline import variables
from pipeline.configuration import home
from pipeline.engine import engine_status
from pipeline.errors import SettingsError

SHORTEST_TOKEN = 16


def metrics_token() -> str | None:
    """Return what whoever asks for the metrics has to know, None: nobody may ask.

    Raises
    ------
    SettingsError
        If the file that LAYERSCOPE_METRICS_TOKEN_FILE names cannot be read, or holds too little.
    """
    path = variables.said("METRICS_TOKEN_FILE")
    if not path:
        return None
    try:
        token = Path(path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"LAYERSCOPE_METRICS_TOKEN_FILE names {path}, which cannot be read ({error})"
        ) from error
    if len(token) < SHORTEST_TOKEN:
        raise SettingsError(
            f"LAYERSCOPE_METRICS_TOKEN_FILE names {path}, which holds {len(token)} characters; "
            f"expected {SHORTEST_TOKEN} or more: openssl rand -hex 24"
        )
    return token


async def metrics(request: Request) -> Response:
    """Serve the numbers to whoever knows the token; without one, there is no such page."""
    token = metrics_token()
    if token is None:
        return PlainTextResponse("Not Found", status_code=404)
    if not may_read(request.headers.get("authorization", ""), token):
        headers = {"WWW-Authenticate": "Bearer"}
        return PlainTextResponse("This needs the token.", status_code=401, headers=headers)
    return Response(await run_in_threadpool(measured), media_type=CONTENT_TYPE_LATEST)


def may_read(authorization: str, token: str) -> bool:
    """Return whether a header bears the token, in a time that does not tell how much of it."""
    return hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode())


def measured() -> bytes:
    """Return all numbers as Prometheus reads them."""
    registry = CollectorRegistry()
    registry.register(Numbers())
    return generate_latest(registry)


class Numbers(Collector):
    """What is measured when it is asked for; none of it names anybody."""

    def collect(self) -> Iterator[Metric]:
        """Yield each number, with what it counts."""
        info = GaugeMetricFamily("layerscope_info", "The version that runs.", labels=["version"])
        info.add_metric([version("layerscope")], 1)
        yield info
        yield from _jobs()
        yield from _store()
        yield from _processes()

    def describe(self) -> Iterator[Metric]:
        """Yield nothing: names are known once they are measured."""
        yield from ()


def _jobs() -> Iterator[Metric]:
    summary = loading.queue().summary()
    jobs = GaugeMetricFamily(
        "layerscope_jobs", "Jobs of the last 30 days, by kind and state.", labels=["kind", "state"]
    )
    for (kind, state), count in summary.jobs.items():
        jobs.add_metric([kind, state], count)
    yield jobs
    pieces = GaugeMetricFamily(
        "layerscope_job_pieces",
        "What those jobs needed: found at their start (cache hits), settled since; failed of both.",
        labels=["outcome"],
    )
    for outcome, count in summary.pieces.items():
        pieces.add_metric([outcome], count)
    yield pieces
    oldest_s = summary.waiting_since_s
    yield GaugeMetricFamily(
        "layerscope_queue_oldest_seconds",
        "For how long the job that has waited longest waits; 0 where none does.",
        value=0.0 if oldest_s is None else max(time.time() - oldest_s, 0.0),
    )


def _store() -> Iterator[Metric]:
    store = loading.store()
    capacity, found = store.capacity(), store.lookups()
    lookups = CounterMetricFamily(
        "layerscope_store_lookups",
        "Records that this server's pages asked the store for.",
        labels=["result"],
    )
    lookups.add_metric(["hit"], found.hits)
    lookups.add_metric(["miss"], found.misses)
    yield lookups
    yield GaugeMetricFamily("layerscope_store_bytes", "The store.", value=capacity.used_bytes)
    yield GaugeMetricFamily(
        "layerscope_disk_free_bytes", "What its disk has left.", value=capacity.free_bytes
    )
    if capacity.limit_bytes is not None:
        yield GaugeMetricFamily(
            "layerscope_store_limit_bytes", "What it may take.", value=capacity.limit_bytes
        )


def _processes() -> Iterator[Metric]:
    engine = engine_status(home())
    states = GaugeMetricFamily("layerscope_engine", "How the engine is.", labels=["state"])
    states.add_metric([engine.state], 1)
    yield states
    memory = GaugeMetricFamily(
        "layerscope_memory_bytes", "Resident memory, by process.", labels=["process"]
    )
    for name, pid in (("web", None), ("engine", engine.pid)):
        if name == "web" or pid:
            try:
                memory.add_metric([name], psutil.Process(pid).memory_info().rss)
            except psutil.Error:
                # It may have ended just now.
                continue
    yield memory
