"""Start the engine's process if it does not run, and tell whether it does."""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pipeline.errors import EngineError

PAUSE_S = 0.05


def is_running(home: Path) -> bool:
    """Return whether an engine serves this home folder: whether it holds the lock."""
    try:
        with held_lock(home):
            return False
    except EngineError:
        return True


@contextmanager
def held_lock(home: Path, patience_s: float = 0.0) -> Iterator[None]:
    """Hold the lock that only one engine of a home folder can hold.

    The kernel releases it when the process ends, however it ends.

    Parameters
    ----------
    patience_s : float
        How long to try: `is_running` holds the lock for an instant.

    Raises
    ------
    EngineError
        If another process holds it.
    """
    deadline = time.monotonic() + patience_s
    with (home / "engine.lock").open("w") as file:
        while not _locked(file):
            if time.monotonic() >= deadline:
                raise EngineError(f"an engine runs already in {home}")
            time.sleep(PAUSE_S)
        yield


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def ensure_running(home: Path) -> None:
    """Start an engine unless one runs, and tell a running one that it is still wanted.

    Its log is ``engine.log`` in the home folder.
    """
    (home / "engine.wanted").touch()
    if is_running(home):
        return
    with (home / "engine.log").open("ab") as log:
        subprocess.Popen(
            [sys.executable, "-m", "pipeline.engine"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # A group of its own: it outlives the web server, and Ctrl-C there.
            start_new_session=True,
            env=os.environ | {"LAYERSCOPE_HOME": str(home)},
        )
