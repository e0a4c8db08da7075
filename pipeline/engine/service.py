"""The engine's loop: find queued jobs in the table, run them on Dask, note how they end."""

import logging
import sqlite3
import threading
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from distributed import Client

from cache import Store
from pipeline.engine.cluster import connected_client
from pipeline.engine.job_queue import JobQueue
from pipeline.engine.lifecycle import UNREACHABLE, tell_scheduler, wanted_file
from pipeline.engine.running import RunningJob

log = logging.getLogger(__name__)

POLL_S = 0.2
# After a scheduler that cannot be reached, or a disk that is full.
TRY_AGAIN_S = 2.0
WITHOUT_WORKERS_S = 60.0
IDLE_S = 600.0
KEPT_S = 30 * 86_400.0


def serve(home: Path, queue: JobQueue, store: Store, stop: threading.Event) -> None:
    """Run jobs until `stop` is set, or nobody has wanted anything for ten minutes.

    Jobs that an earlier engine left behind are found like new ones and go on where they were;
    and so do those of a scheduler that is gone, when there is one again.
    """
    with suppress(sqlite3.OperationalError):  # on a full disk this can wait
        queue.forget_ended(time.time() - KEPT_S)
    told: set[str] = set()
    # What an earlier engine said of its scheduler is no longer so.
    tell_scheduler(home, "")
    while not stop.is_set() and not _is_idle(home, queue):
        try:
            with connected_client() as client:
                tell_scheduler(home, str(client.scheduler_info(n_workers=0)["address"]))
                told.clear()
                _run_jobs(home, queue, store, client, stop)
        except OSError as error:
            log.warning("no scheduler: %s", error)
            tell_scheduler(home, f"{UNREACHABLE} ({error}); it is tried again and again")
            _tell_waiting(queue, told, str(error))
            stop.wait(TRY_AGAIN_S)
        except Exception as error:
            log.exception("the engine cannot start its workers")
            _fail_all(queue, f"the engine cannot start its workers: {error}")
            return


def _is_idle(home: Path, queue: JobQueue) -> bool:
    return time.time() - wanted_file(home).stat().st_mtime > IDLE_S and not queue.active()


def _tell_waiting(queue: JobQueue, told: set[str], error: str) -> None:
    for job in queue.active():
        if job.digest not in told:
            queue.log(job.digest, f"the scheduler cannot be reached; waiting for it ({error})")
            told.add(job.digest)


def _fail_all(queue: JobQueue, error: str) -> None:
    for job in queue.active():
        queue.claim(job)
        queue.finish(job, error)


def _run_jobs(
    home: Path, queue: JobQueue, store: Store, client: Client, stop: threading.Event
) -> None:
    running: dict[str, RunningJob] = {}
    why, worker_seen_s = "the engine stopped", time.monotonic()
    with ThreadPoolExecutor(max_workers=2) as preparing:
        try:
            while not stop.wait(POLL_S) and (running or not _is_idle(home, queue)):
                worker_seen_s = check_workers(client, worker_seen_s, time.monotonic())
                try:
                    _poll(queue, running)
                    _take_new(queue, running, store, client, preparing)
                except sqlite3.OperationalError as error:
                    log.warning("the table of jobs cannot be written, trying again: %s", error)
                    stop.wait(TRY_AGAIN_S)
        except ConnectionError as error:
            why = str(error)
            raise
        finally:
            for job in running.values():
                job.release()
                # Where the table takes nothing, the next loop finds it running for nobody.
                with suppress(sqlite3.OperationalError):
                    queue.requeue(job.job, why)


def check_workers(client: Client, seen_s: float, now_s: float) -> float:
    """Return when there was a worker last; of a scheduler elsewhere, that is its own affair.

    Raises
    ------
    ConnectionError
        If there is no scheduler any more, or none of our own workers for a minute: then both are
        started anew.
    """
    if client.status != "running":
        raise ConnectionError("the connection to the scheduler is lost")
    if client.cluster is None or client.cluster.scheduler_info["workers"]:
        return now_s
    if now_s - seen_s > WITHOUT_WORKERS_S:
        raise ConnectionError("no worker has started for a minute")
    return seen_s


def _poll(queue: JobQueue, running: dict[str, RunningJob]) -> None:
    """Bring every running job one step further, and forget those that are over or cancelled."""
    wanted = {(job.digest, job.attempt) for job in queue.active() if job.state == "running"}
    for digest, job in list(running.items()):
        if (digest, job.job.attempt) in wanted:
            job.advance()
        else:
            job.release()
            del running[digest]
    for digest, job in list(running.items()):
        if job.report(queue):
            del running[digest]


def _take_new(
    queue: JobQueue,
    running: dict[str, RunningJob],
    store: Store,
    client: Client,
    preparing: Executor,
) -> None:
    for job in queue.active():
        if job.digest in running:
            continue
        if job.state == "running":
            queue.requeue(job, "its engine ended")
        elif queue.claim(job):
            running[job.digest] = RunningJob(job, store, client, preparing)
