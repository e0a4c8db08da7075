"""What the engine does, and what it is asked for."""

from collections.abc import Collection

from dashboard.loading.base import queue, store, visitor, wake
from pipeline import engine
from pipeline.configuration import home
from pipeline.engine import ENDED, Job, Kind, State

MOST_ENDED = 100


def cancel(job: Job) -> None:
    """Cancel a job; what it has computed is kept."""
    queue().cancel(job, visitor())


def engine_status() -> engine.EngineStatus:
    """Return how the engine is now."""
    return engine.engine_status(home())


def active_jobs() -> list[Job]:
    """Return what waits or runs; an engine that has ended meanwhile is started again."""
    active = queue().active()
    if active:
        wake()
    return active


def ended_jobs(states: Collection[State], kinds: Collection[Kind]) -> list[Job]:
    """Return what ended last, in such states and of such kinds."""
    return queue().ended(MOST_ENDED, states=[s for s in ENDED if s in states], kinds=kinds)


def job(digits: str) -> Job:
    """Return the job whose id starts so."""
    return queue().by_id(digits)


def job_log(job: Job) -> list[engine.LogLine]:
    """Return what happened to a job."""
    return queue().log_of(job.digest)


def retry(job: Job) -> None:
    """Ask again for a job that has ended, its failed utterances included."""
    engine.retry(queue(), store(), job, visitor())
    wake()
