"""All processes of a dashboard on a home folder of its own: started, killed, looked at."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args
from unittest.mock import patch

import psutil

from benchmarks.served import ROOT, free_port, wait_for
from pipeline.engine import engine_pid, ensure_running

Part = Literal["web", "engine", "worker"]
PARTS: tuple[Part, ...] = get_args(Part)
WORKERS = 2
ENDING_S = 60.0
MIB = 2**20


class System:
    """Web server, engine and two workers.

    Attributes
    ----------
    home : Path
    url : str
        Of the web server.
    """

    def __init__(self, home: Path) -> None:
        self.home, self._port = home, free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._web: subprocess.Popen[bytes] | None = None
        self._seen: set[psutil.Process] = set()

    def start_web(self) -> None:
        """Start the web server, and wait until it answers."""
        command = [sys.executable, "-m", "streamlit", "run", "dashboard/server.py"]
        options = ["--server.port", str(self._port), "--server.address", "127.0.0.1"]
        with (self.home / "web.log").open("ab") as log:
            self._web = subprocess.Popen(  # noqa: S603 - our own server
                [*command, *options], cwd=ROOT, stdout=log, stderr=log
            )
        wait_for(self.url)

    def require_web(self) -> None:
        """Do nothing if the web server runs.

        Raises
        ------
        RuntimeError
            If it ended though nobody killed it.
        """
        if self._web is None or self._web.poll() is not None:
            said = (self.home / "web.log").read_text(encoding="utf-8")
            raise RuntimeError(f"the web server has ended by itself: {said[-2000:]}")

    def wake_engine(self) -> None:
        """Start an engine unless one runs, as every page does that waits for a job."""
        ensure_running(self.home)

    def processes(self, part: Part) -> list[psutil.Process]:
        """Return the processes that there are of a part."""
        with suppress(psutil.Error):
            if part == "web":
                return [] if self._web is None else [psutil.Process(self._web.pid)]
            pid = engine_pid(self.home)
            engine = [psutil.Process(pid)] if pid else []
            if part == "engine":
                return engine
            return [child for each in engine for child in each.children() if _is_worker(child)]
        return []

    def memory_mib(self) -> Iterator[tuple[Part, int, float]]:
        """Yield part, process and resident memory of each process that there is."""
        for part in PARTS:
            for process in self.processes(part):
                self._seen.add(process)
                with suppress(psutil.Error):
                    yield part, process.pid, process.memory_info().rss / MIB

    def kill(self, part: Part, which: int = 0) -> bool:
        """Kill a process of a part, as the kernel does; return whether there was one."""
        found = self.processes(part)
        if not found:
            return False
        with suppress(psutil.NoSuchProcess):
            found[which % len(found)].kill()
        if part == "web" and self._web is not None:
            self._web.wait()
        return True

    def stop(self) -> None:
        """End all of them.

        Raises
        ------
        RuntimeError
            If a process is left that nobody looks after any more.
        """
        there = {part: self.processes(part) for part in PARTS}
        if self._web is not None:
            self._web.terminate()
            self._web.wait()
        for process in there["engine"]:
            process.terminate()
        self._seen.update(process for each in there.values() for process in each)
        _, left = psutil.wait_procs(self._seen, timeout=ENDING_S)
        for process in left:
            process.kill()
        if left:
            raise RuntimeError(f"these processes were left: {left}")


def _is_worker(process: psutil.Process) -> bool:
    return "resource_tracker" not in " ".join(process.cmdline())


@contextmanager
def system() -> Iterator[System]:
    """Yield a system whose home is empty; nothing of it is left afterwards.

    Each worker computes with one thread, so that sums are rounded alike everywhere.
    """
    with TemporaryDirectory() as folder:
        threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        told = {"LAYERSCOPE_HOME": folder, "LAYERSCOPE_WORKERS": str(WORKERS), **threads}
        with patch.dict(os.environ, told):
            made = System(Path(folder).resolve())
            try:
                yield made
            finally:
                made.stop()
