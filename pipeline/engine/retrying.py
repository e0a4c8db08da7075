"""Try a job again that has ended without all that it was asked for."""

from cache import Store
from pipeline.engine.job_queue import JobQueue
from pipeline.engine.jobs import Job
from pipeline.errors import EngineError
from pipeline.planning import forget_failures
from pipeline.request import ComparisonRequest


def retry(queue: JobQueue, store: Store, job: Job, asked_by: str = "local") -> Job:
    """Queue a job again, its failed utterances included; return it as it stands.

    Raises
    ------
    EngineError
        If there is nothing to try again.
    LayerScopeError
        If its comparison cannot be planned any more.
    """
    if not job.can_be_retried:
        raise EngineError(f"job {job.id} is {job.state}; there is nothing to try again")
    compared = {"comparison": job.task, "analysis": job.task.get("comparison")}.get(job.kind)
    if compared is not None:
        forget_failures(ComparisonRequest.from_dict(compared).plan(store), store)
    return queue.submit(job.kind, job.task, asked_by)
