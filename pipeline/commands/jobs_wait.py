"""``jobs wait``: wait until a job has ended."""

import argparse
import time
from collections.abc import Iterator

from pipeline.commands import job_text
from pipeline.commands import options as shared
from pipeline.configuration import home
from pipeline.engine import Job, JobQueue, ensure_running, title
from pipeline.errors import EngineError

_PAUSE_S = 0.2


def run(options: argparse.Namespace, queue: JobQueue, job: Job) -> int:
    """Show progress until a job has ended; an engine that has ended is started again.

    Raises
    ------
    EngineError
        If the job fails, or is cancelled.
    """
    seen = next(each for each in _states(queue, job) if each.total or not each.is_active)
    for _ in shared.show_progress(_settled(queue, seen), seen.total, title(job)):
        pass
    ended = queue.by_id(job.digest)
    if ended.state == "cancelled":
        raise EngineError(f"job {job.id} was cancelled; python -m pipeline jobs retry {job.id}")
    if ended.state == "failed":
        raise EngineError(f"job {job.id} failed: {ended.error}")
    shared.report(options, job_text.values(ended), job_text.line(ended))
    return 0


def _states(queue: JobQueue, job: Job) -> Iterator[Job]:
    """Yield how a job stands, again and again, until it has ended."""
    while job.is_active:
        yield job
        ensure_running(home())
        time.sleep(_PAUSE_S)
        job = queue.by_id(job.digest)
    yield job


def _settled(queue: JobQueue, job: Job) -> Iterator[None]:
    """Yield once for each utterance that is settled."""
    told = 0
    for now in _states(queue, job):
        for _ in range(now.settled - told):
            yield
        told = max(told, now.settled)
