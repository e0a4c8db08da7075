"""What all tests share."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import hypothesis
import jaxtyping
import pytest

from cache import Store
from pipeline.variables import VARIABLES

# A shared machine may stall: examples are many, not fast.
hypothesis.settings.register_profile("layerscope", deadline=None, derandomize=True)
hypothesis.settings.load_profile("layerscope")

SHARED = Path(__file__).parents[1] / ".." / "shared"


@pytest.fixture
def unchecked_types(monkeypatch):
    """Switch the tests' shape checks off, for what a caller without them meets."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home folder, which LayerScope uses instead of the user's."""
    folder = tmp_path / "home"
    monkeypatch.setenv("LAYERSCOPE_HOME", str(folder))
    for name in VARIABLES:
        if name not in ("LAYERSCOPE_HOME", "LAYERSCOPE_CHROMIUM"):
            monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def store(tmp_path):
    """An empty store."""
    with Store(tmp_path / "store") as opened:
        yield opened


@pytest.fixture(scope="session")
def shared():
    """The folder of shared speech and reference files; tests that need it skip without it."""
    if not SHARED.is_dir():
        pytest.skip("needs the shared test material beside the repository")
    return SHARED.resolve()


def _wait_until(condition: Callable[[], object], what: str, patience_s: float = 180.0) -> None:
    deadline, pause = time.monotonic() + patience_s, threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {patience_s:.0f} s in vain until {what}")
        pause.wait(0.02)


@pytest.fixture(scope="session")
def wait_until():
    """Return when a condition holds, as soon as it does; fail if it never does."""
    return _wait_until
