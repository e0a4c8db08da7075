"""An engine in a process of its own, as the dashboard starts it."""

import os
import signal
from contextlib import suppress

import pytest

from pipeline.configuration import home as home_folder
from pipeline.engine.lifecycle import engine_pid


@pytest.fixture
def engine_home(home, wait_until):
    """A home folder whose engine, if a test starts one, is stopped at the end."""
    folder = home_folder()
    assert folder == home.resolve()
    yield folder
    pid = engine_pid(folder)
    if pid:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        wait_until(lambda: engine_pid(folder) is None, "the engine has stopped")
