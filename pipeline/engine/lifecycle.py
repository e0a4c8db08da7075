"""Start the engine's process if it does not run, and tell which it is."""

import fcntl
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pipeline.errors import EngineError

log = logging.getLogger(__name__)

PAUSE_S = 0.05
UNREACHABLE = "cannot be reached"


def engine_pid(home: Path) -> int | None:
    """Return the process that serves a home folder, 0 while it starts, None if there is none."""
    with _lock_file(home).open("a+") as file:
        if _locked(file):
            return None
        file.seek(0)
        return int(file.read() or 0)


def engine_scheduler(home: Path) -> str:
    """Return what the running engine says of its scheduler: the address, or what is wrong."""
    file = _scheduler_file(home)
    return file.read_text(encoding="utf-8") if file.exists() else ""


def tell_scheduler(home: Path, text: str) -> None:
    """Write down what `engine_scheduler` returns."""
    try:
        _scheduler_file(home).write_text(text, encoding="utf-8")
    except OSError as error:
        # It only informs; an engine works on a full disk too, and says there what is wrong.
        log.warning("%s cannot be written: %s", _scheduler_file(home), error)


def _scheduler_file(home: Path) -> Path:
    return home / "engine.scheduler"


@contextmanager
def serving(home: Path, inherited: int | None = None, patience_s: float = 2.0) -> Iterator[None]:
    """Hold the lock that only one engine of a home folder can hold.

    The kernel releases it when the process ends, however it ends.

    Parameters
    ----------
    inherited : int, optional
        The lock file, open and locked by the process that started this one.
    patience_s : float
        How long to try: `engine_pid` holds the lock for an instant.

    Raises
    ------
    EngineError
        If another engine holds it.
    """
    deadline = time.monotonic() + patience_s
    with _lock_file(home).open("a+") if inherited is None else os.fdopen(inherited, "a+") as file:
        # The workers must not hold it beyond the engine's end.
        os.set_inheritable(file.fileno(), False)  # noqa: FBT003 - the standard library's own
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

    Cheap where one runs. The log of the one that starts is ``engine.log`` in the home folder.
    """
    wanted_file(home).touch()
    with _lock_file(home).open("a+") as lock:
        # The engine inherits the lock, so that of many who find none running, one starts it.
        if _locked(lock):
            lock.truncate(0)
            _start(home, lock.fileno())


def _start(home: Path, lock: int) -> None:
    with (home / "engine.log").open("ab") as log:
        # A child of the shell, which ends at once, in a session of its own: it outlives the web
        # server, and Ctrl-C there, and nobody has to wait for it.
        subprocess.run(  # noqa: S603 - our own process
            ["/bin/sh", "-c", '"$0" -m pipeline.engine "$1" &', sys.executable, str(lock)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            check=True,
            pass_fds=(lock,),
            env=os.environ | {"LAYERSCOPE_HOME": str(home)},
        )


def wanted_file(home: Path) -> Path:
    """Return the file whose time says when somebody last wanted the engine."""
    return home / "engine.wanted"
