"""Streamlit servers of our own for benchmarks: the dashboard, and less."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.configuration import open_store
from pipeline.demonstration import DEFAULT_REQUEST
from pipeline.run import run_plan

ROOT = Path(__file__).parents[1]
STARTING_S = 60


@contextmanager
def dashboard() -> Iterator[str]:
    """Yield the address of a dashboard whose first comparison is computed."""
    with TemporaryDirectory() as home:
        os.environ["LAYERSCOPE_HOME"] = home
        with open_store() as store:
            run_plan(DEFAULT_REQUEST.plan(store), store)
        with served(ROOT / "dashboard" / "server.py") as url:
            yield url


@contextmanager
def served(script: Path) -> Iterator[str]:
    """Yield the address of a Streamlit script in a process of its own, on this machine only."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    options = ["--server.port", str(port), "--server.address", "127.0.0.1"]
    process = subprocess.Popen(  # noqa: S603 - our own server
        [*command, *options], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(url)
        yield url
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(url: str) -> None:
    """Return when a server answers.

    Raises
    ------
    TimeoutError
        If it does not.
    """
    end = time.monotonic() + STARTING_S
    while time.monotonic() < end:
        with suppress(OSError), urllib.request.urlopen(f"{url}/_stcore/health"):  # noqa: S310 - our own server
            return
        time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer within {STARTING_S} s")
