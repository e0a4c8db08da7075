"""Workers: this machine's own, or those of a Dask cluster."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dask
from dask.system import CPU_COUNT
from distributed import Client, Nanny, Scheduler, SpecCluster
from distributed.security import Security
from distributed.system import MEMORY_LIMIT

from pipeline.configuration import scheduler_address, worker_count, worker_memory
from pipeline.engine.gpus import count_gpus
from pipeline.engine.tasks import has_gpu

# A task takes from a few seconds to a minute, so that a lost worker loses little and progress is
# seen; this much speech does, on a CPU and on a GPU.
CPU_CHUNK_S, GPU_CHUNK_S = 20.0, 600.0

_SETTINGS: dict[str, object] = {
    # Dask's own pages would show the work, unencrypted, to every user of this machine.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # A worker gets its next task when it has done the last, so that where one ends, it is known
    # which task it ran; the second time, that task comes back to us (see pieces.py).
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.allowed-failures": 1,
    # A worker that ended is started again by its nanny; Dask would give both up where it happens
    # to be away 15 s after it ended for the first time.
    "distributed.deploy.lost-worker-timeout": "1000 days",
}


@contextmanager
def connected_client() -> Iterator[Client]:
    """Connect to the configured scheduler, or start one here: a worker a GPU, else for the CPU.

    Whoever reaches a Dask scheduler can run code: this one listens on loopback only and talks
    over TLS with credentials that live in memory, for as long as the engine.

    Raises
    ------
    OSError
        If the configured scheduler cannot be reached.
    """
    address = scheduler_address()
    if address is not None:
        with Client(address) as client:
            yield client
        return
    workers = worker_environments(count_gpus(), os.environ.get("CUDA_VISIBLE_DEVICES"))
    threads = str(max(1, CPU_COUNT // len(workers)))
    # One task at a time, which may use its share of the cores; Dask would give it one thread.
    # Its threads sleep while they wait for each other: spinning, they take the cores from the pages
    # and from the very thread that they wait for.
    waiting = {"OMP_WAIT_POLICY": "PASSIVE"}
    environ = {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads, **waiting}
    with (
        dask.config.set({**_SETTINGS, "distributed.nanny.pre-spawn-environ": environ}),
        SpecCluster(**_specification(workers)) as cluster,
        Client(cluster) as client,
    ):
        yield client


def worker_environments(gpus: int, visible: str | None) -> list[dict[str, str]]:
    """Return the environment of each worker that this machine should have.

    Parameters
    ----------
    gpus : int
        How many may be used; each gets a worker that sees no other.
    visible : str or None
        CUDA_VISIBLE_DEVICES, by which the user may have chosen some.
    """
    if not gpus:
        return [{} for _ in range(worker_count())]
    names = visible.split(",") if visible else [str(number) for number in range(gpus)]
    return [{"CUDA_VISIBLE_DEVICES": name.strip()} for name in names[:gpus]]


def _specification(workers: list[dict[str, str]]) -> dict[str, Any]:
    security = Security.temporary()
    shared = {"host": "127.0.0.1", "protocol": "tls://", "security": security}
    scheduler = {**shared, "dashboard_address": "127.0.0.1:0"}
    memory_bytes = worker_memory() or MEMORY_LIMIT // len(workers)
    worker = {**shared, "nthreads": 1, "memory_limit": memory_bytes}
    return {
        "scheduler": {"cls": Scheduler, "options": scheduler},
        "workers": {
            number: {"cls": Nanny, "options": {**worker, "env": environ}}
            for number, environ in enumerate(workers)
        },
        "security": security,
        "silence_logs": logging.WARNING,
    }


def chunk_seconds(client: Client) -> float:
    """Return how much speech a task should hold: more where a worker has a GPU."""
    answers = client.run(has_gpu, on_error="ignore")
    return GPU_CHUNK_S if any(answers.values()) else CPU_CHUNK_S
