"""What the engine does, and what it is asked for."""

from collections.abc import Collection
from typing import Literal

from dashboard import access
from dashboard.loading.base import queue, store, wake
from dashboard.loading.comparisons import refuse_beyond_limits
from pipeline import engine
from pipeline.configuration import home, scheduler_address
from pipeline.engine import ENDED, Job, Kind, State
from pipeline.engine.gpus import has_driver
from pipeline.limits import read_limits
from pipeline.request import ComparisonRequest

MOST_ENDED = 100


def cancel(job: Job) -> None:
    """Cancel a job; what it has computed is kept.

    Raises
    ------
    RightsError
        If whoever looks at the page may not cancel this one.
    """
    access.require_for(job)
    queue().cancel(job, access.visitor())


def engine_status() -> engine.EngineStatus:
    """Return how the engine is now."""
    return engine.engine_status(home())


def computes_on() -> Literal["GPU", "processor", "elsewhere"]:
    """Return where models run: on this machine, or where its scheduler's workers are."""
    if scheduler_address():
        return "elsewhere"
    return "GPU" if has_driver() else "processor"


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
    """Ask again for a job that has ended, its failed utterances included.

    Raises
    ------
    RightsError
        If whoever looks at the page may not retry this one.
    LimitError
        If it is more than this server lets people ask for.
    """
    access.require_for(job)
    if job.kind == "care":
        access.require("check or prune the storage")
    compared = {"comparison": job.task, "analysis": job.task.get("comparison")}.get(job.kind)
    if compared is not None:
        refuse_beyond_limits(ComparisonRequest.from_dict(compared))
    asker = access.visitor()
    read_limits().refuse_more_jobs([each.asked_by for each in queue().active()], asker)
    engine.retry(queue(), store(), job, asker)
    wake()
