"""The engine's loop: find queued jobs in the store, run them on Dask, note how they end."""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dask
from distributed import Client, LocalCluster
from distributed.security import Security

from cache import Store
from pipeline.configuration import scheduler_address
from pipeline.engine.jobs import active_jobs, finish
from pipeline.engine.lifecycle import wanted_file
from pipeline.engine.running import RunningJob, start
from pipeline.errors import LayerScopeError

log = logging.getLogger(__name__)

POLL_S = 0.2
IDLE_S = 600.0


@contextmanager
def connected_client() -> Iterator[Client]:
    """Connect to the configured scheduler, or start one here with one worker.

    Whoever reaches a Dask scheduler can run code: this one listens on loopback only and talks
    over TLS with credentials that live in memory, for as long as the engine.
    """
    address = scheduler_address()
    if address is not None:
        with Client(address) as client:
            yield client
        return
    threads = str(os.cpu_count() or 1)
    # One task at a time, which may use every core; Dask would give its worker one thread.
    environ = {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
    settings = {
        "distributed.nanny.pre-spawn-environ": environ,
        # Dask's own pages would show the work, unencrypted, to every user of this machine.
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
    }
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            protocol="tls://",
            security=Security.temporary(),
            dashboard_address="127.0.0.1:0",
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def serve(home: Path, store: Store, client: Client, stop: threading.Event) -> None:
    """Run jobs until `stop` is set, or nobody has wanted anything for ten minutes.

    Jobs that an earlier engine left behind are found like new ones and go on where they were.
    """
    running: dict[str, RunningJob] = {}
    while not stop.wait(POLL_S) and (running or not _is_idle(home)):
        for digest in [digest for digest, job in running.items() if job.finished(store)]:
            del running[digest]
        for job in active_jobs(store):
            digest = job.key.digest
            if digest in running:
                continue
            try:
                running[digest] = start(job, store, client, time.time())
            except LayerScopeError as error:
                finish(store, job, str(error))
            except Exception as error:
                # One odd job must not end the engine, and with it the others.
                log.exception("a job cannot be started: %s", job.task)
                finish(store, job, repr(error))


def _is_idle(home: Path) -> bool:
    return time.time() - wanted_file(home).stat().st_mtime > IDLE_S
