"""Start the engine's process if it does not run, and tell which it is."""

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


def engine_pid(home: Path) -> int | None:
    """Return the process that serves a home folder, None if there is none."""
    with _lock_file(home).open("a+") as file:
        if _locked(file):
            return None
        file.seek(0)
        # Empty for the instant in which an engine has the lock and has not yet written its id.
        return int(file.read() or 0)


@contextmanager
def serving(home: Path, patience_s: float = 2.0) -> Iterator[None]:
    """Hold the lock that only one engine of a home folder can hold.

    The kernel releases it when the process ends, however it ends.

    Parameters
    ----------
    patience_s : float
        How long to try: `engine_pid` holds the lock for an instant.

    Raises
    ------
    EngineError
        If another engine holds it.
    """
    deadline = time.monotonic() + patience_s
    with _lock_file(home).open("a+") as file:
        while not _locked(file):
            if time.monotonic() >= deadline:
                raise EngineError(f"an engine runs already in {home}")
            time.sleep(PAUSE_S)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _lock_file(home: Path) -> Path:
    return home / "engine.lock"


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
    wanted_file(home).touch()
    if engine_pid(home) is not None:
        return
    with (home / "engine.log").open("ab") as log:
        # A child of the shell, which ends at once, in a session of its own: it outlives the web
        # server, and Ctrl-C there, and nobody has to wait for it.
        subprocess.run(
            ["/bin/sh", "-c", '"$0" -m pipeline.engine &', sys.executable],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            check=True,
            env=os.environ | {"LAYERSCOPE_HOME": str(home)},
        )


def wanted_file(home: Path) -> Path:
    """Return the file whose time says when somebody last wanted the engine."""
    return home / "engine.wanted"
