"""A job while it runs: it is prepared, done step by step, and its end written down."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor

from distributed import Client
from distributed.comm.core import CommClosedError

from cache import CacheError, Store
from pipeline.engine.alignment_work import AlignmentWork
from pipeline.engine.analysis_work import AnalysisWork
from pipeline.engine.care_work import CareWork
from pipeline.engine.cluster import chunk_seconds
from pipeline.engine.comparison_work import ComparisonWork
from pipeline.engine.job_queue import JobQueue
from pipeline.engine.jobs import Job
from pipeline.engine.view_work import ViewWork
from pipeline.engine.work import Counts, JobWork
from pipeline.errors import LayerScopeError
from pipeline.request import ComparisonRequest

log = logging.getLogger(__name__)


class RunningJob:
    """A job that this engine claimed.

    What happens to it is kept here until the table takes it, which it may not while the disk is
    full.

    Parameters
    ----------
    job : Job
    store : Store
    client : Client
    preparing : Executor
        Opens the corpus and looks at the store, while other jobs go on.
    """

    def __init__(self, job: Job, store: Store, client: Client, preparing: Executor) -> None:
        self.job, self._client = job, client
        log.info("job %s starts: %s", job.id, job.kind, extra={"job": job.id, "state": "running"})
        self._started_s = time.monotonic()
        self._lines: list[str] = []
        self._told = Counts()
        self._work: JobWork | None = None
        self._is_over, self._error = False, ""
        self._prepared = preparing.submit(_prepare, job, store, client, self._lines.append)

    def advance(self) -> None:
        """Do what can be done now; what is wrong with the job ends it, and no other.

        Raises
        ------
        ConnectionError
            If there is no scheduler any more.
        """
        try:
            if not self._is_over and self._prepared.done():
                self._work = self._prepared.result()
                self._is_over = self._work.advance(self._client)
        except (LayerScopeError, CacheError) as error:
            self._fail(str(error))
        except CommClosedError as error:
            raise ConnectionError("the connection to the scheduler is lost") from error
        except Exception as error:
            if self._client.status != "running":
                raise ConnectionError("the connection to the scheduler is lost") from error
            log.exception("job %s failed", self.job.id, extra={"job": self.job.id})
            self._fail(repr(error))

    def _fail(self, error: str) -> None:
        self.release()
        self._is_over, self._error = True, error

    def report(self, queue: JobQueue) -> bool:
        """Write down how far the job is; return whether it is over.

        Raises
        ------
        sqlite3.OperationalError
            If the table cannot be written now; call it again.
        """
        while self._lines:
            queue.log(self.job.digest, self._lines[0])
            del self._lines[0]
        if self._work is not None and self._work.counts != self._told:
            counts = Counts(**vars(self._work.counts))
            queue.count(self.job, **vars(counts))
            self._told = counts
        if self._is_over and queue.finish(self.job, self._error or None):
            state = "failed" if self._error else "done"
            seconds = round(time.monotonic() - self._started_s, 3)
            facts = {"job": self.job.id, "state": state, "seconds": seconds}
            log.info("job %s is %s", self.job.id, state, extra=facts)
        return self._is_over

    def release(self) -> None:
        """Let go of what the workers do for it."""
        if self._work is not None:
            self._work.release()


def _prepare(job: Job, store: Store, client: Client, note: Callable[[str], None]) -> JobWork:
    if job.kind == "view":
        return ViewWork(job, store)
    if job.kind == "care":
        return CareWork(job, store, note)
    chunk_s = chunk_seconds(client)
    work: JobWork
    if job.kind == "comparison":
        work = ComparisonWork(
            ComparisonRequest.from_dict(job.task).plan(store), store, chunk_s, note
        )
    elif job.kind == "analysis":
        work = AnalysisWork(job, store, chunk_s, note)
    else:
        work = AlignmentWork(job, store, chunk_s, note)
    counts = work.counts
    note(f"{counts.total - counts.at_start:,} of {counts.total:,} utterances are to be done")
    return work
