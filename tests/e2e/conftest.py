"""A real server and a real Chromium, as a person meets them."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
sys.path.insert(0, str(Path(__file__).parent))

from find_browser import installed_browser  # noqa: E402 - a script, beside the packages

from pipeline.configuration import open_store  # noqa: E402
from pipeline.engine.lifecycle import engine_pid  # noqa: E402
from pipeline.request import ComparisonRequest  # noqa: E402
from pipeline.run import run_plan  # noqa: E402

# Two cores run the server, the engine, its worker and the browser.
expect.set_options(timeout=180_000)
POLICY = "Content Security Policy"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """The dashboard in a process of its own, with a home folder of its own.

    What its environment says may hold the address, as ``{url}``.
    """

    def __init__(self, home: Path, **environment: str) -> None:
        self.home, self.port = home, _free_port()
        self.url = f"http://localhost:{self.port}"
        self.environment = {
            f"LAYERSCOPE_{name}": value.format(url=self.url) for name, value in environment.items()
        }
        self.log = home.with_name(f"{home.name}-{self.port}.log")
        self.process = self.start()

    def start(self):
        command = [sys.executable, "-m", "streamlit", "run", "dashboard/server.py"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own server
                [*command, "--server.port", str(self.port)],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                env=os.environ | {"LAYERSCOPE_HOME": str(self.home)} | self.environment,
            )
        return self.process

    def is_healthy(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"{self.url}/_stcore/health") as answer:  # noqa: S310 - our own server
            return answer.status == 200
        return False

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def server(tmp_path_factory, wait_until):
    """A running dashboard; its engine is stopped at the end."""
    home = tmp_path_factory.mktemp("home").resolve()
    running = Server(home)
    try:
        wait_until(running.is_healthy, "the dashboard answers")
        yield running
    finally:
        running.kill()
        pid = engine_pid(home)
        if pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)


@pytest.fixture(scope="session")
def serve(server, wait_until):
    """Return a function that starts another server, over the same home unless it says which."""
    started = []

    def start(home=server.home, **environment):
        started.append(Server(home, **environment))
        wait_until(started[-1].is_healthy, "the dashboard answers")
        return started[-1]

    yield start
    for running in started:
        running.kill()


@pytest.fixture(scope="session")
def computed(tmp_path_factory):
    """A home folder in which two controls are compared."""
    home = tmp_path_factory.mktemp("computed").resolve()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERSCOPE_HOME", str(home))
        request = ComparisonRequest("demo", "control:onehot", "control:duration")
        with open_store() as store:
            run_plan(request.plan(store), store)
    return home


@pytest.fixture(scope="module")
def shown(serve, computed):
    """A server of its own, so that its memory is that of what a module does."""
    return serve(home=computed, MODE="read-only")


@pytest.fixture
def process(shown):
    """The process of that server."""
    return psutil.Process(shown.process.pid)


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        path = installed_browser()
        launched = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def context(browser):
    """A person with a browser of their own; an error or a broken policy fails the test."""
    opened = browser.new_context(viewport={"width": 1440, "height": 950})
    errors = []
    opened.on("weberror", lambda error: errors.append(str(error.error)))
    opened.on("console", lambda said: errors.append(said.text) if POLICY in said.text else None)
    yield opened
    opened.close()
    assert errors == []


@pytest.fixture
def page(context):
    return context.new_page()


@pytest.fixture
def settled():
    """Wait until a page has been drawn."""

    def wait(page) -> None:
        app = page.locator(
            "[data-testid=stApp][data-test-connection-state=CONNECTED]"
            "[data-test-script-state=notRunning]"
        )
        expect(app).to_be_visible()
        expect(page.locator("[data-testid=stException]")).to_have_count(0)

    return wait


@pytest.fixture
def shots():
    """Where screenshots go, to be looked at."""
    folder = ROOT / "test-results"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def downloaded():
    """Read a downloaded JSON file."""
    return lambda download: json.loads(Path(download.path()).read_text(encoding="utf-8"))
