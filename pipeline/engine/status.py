"""How the engine of a home folder is, for people who wait for it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.engine.lifecycle import UNREACHABLE, engine_pid, engine_scheduler

EngineState = Literal["idle", "starting", "running", "unreachable"]


@dataclass(frozen=True)
class EngineStatus:
    """How the engine is.

    Attributes
    ----------
    state : {"idle", "starting", "running", "unreachable"}
        No process; one without a scheduler yet; one with a scheduler; one that cannot reach it.
    pid : int or None
        Its process, 0 while that starts.
    scheduler : str
        The address, or what is wrong; empty unless it is known.
    """

    state: EngineState
    pid: int | None
    scheduler: str


def engine_status(home: Path) -> EngineStatus:
    """Return how the engine of a home folder is now; cheap."""
    pid = engine_pid(home)
    if pid is None:
        return EngineStatus("idle", None, "")
    scheduler = engine_scheduler(home)
    if not pid or not scheduler:
        return EngineStatus("starting", pid, "")
    state: EngineState = "unreachable" if scheduler.startswith(UNREACHABLE) else "running"
    return EngineStatus(state, pid, scheduler)
