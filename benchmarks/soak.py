"""Fifty people look and jobs come without end, while workers, engine and web server are killed.

``SOAK_MINUTES=3 python -m benchmarks soak``; half an hour by default. At the end every job is done,
its records are bit for bit those of a system that nobody disturbed, and no page has shown an error.
"""

import asyncio
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from statistics import median, quantiles
from typing import Any

import numpy as np

from benchmarks.memory_over_time import MemoryOverTime
from benchmarks.ratio import Ratio
from benchmarks.system import Part, System, system
from benchmarks.visitor import LOST, PageError, open_page, run_page
from cache import Store
from pipeline.analyses import AnalysisRequest
from pipeline.configuration import open_store
from pipeline.engine import Job, JobQueue, Kind, open_queue
from pipeline.request import ComparisonRequest
from pipeline.settings import AlignmentSettings

ONLY_BY_NAME = True  # half an hour

MINUTES = float(os.environ.get("SOAK_MINUTES", "30"))
PEOPLE, THINKING_S, RETRY_S = 50, 6.0, 0.5
MOST_ACTIVE = 3
SEED = 7
KILLS: Mapping[Part, int] = {"worker": 4, "engine": 3, "web": 3}
PAUSE_S = (10.0, 30.0)  # from one to the next
# From this share of the time on only workers are killed, so that the others' memory is seen long.
QUIET = 0.6
LOOK_S = 5.0
PATIENCE_S = 600.0
KINDS = ("embedding", "comparison", "analysis")
PAGES = ("", "", "", "overview", "jobs", "library", "words")
LAYERS = (7, 13)  # of the two models of the first comparison
WANTED_S = 0.25


@dataclass
class Seen:
    """What everybody met."""

    run_s: list[float] = field(default_factory=list)
    lost: int = 0
    errors: list[str] = field(default_factory=list)


def ratios() -> Iterator[Ratio]:
    """Disturb a system, compare what it computed with one that nobody disturbed."""
    seen, memory = Seen(), MemoryOverTime()
    with system() as disturbed, open_queue() as queue, open_store() as store:
        disturbed.start_web()
        with _everybody(disturbed.url, seen):
            _disturb(disturbed, queue, memory)
        jobs, found = queue.latest(), _records(store)
        print(
            f"{len(jobs)} jobs, {len(seen.run_s):,} pages drawn, {seen.lost} lost with their "
            "server and asked for again"
        )
        print(memory.table(), flush=True)
        _require_all_well(jobs, seen, store)
    with system() as undisturbed, open_queue() as queue, open_store() as store:
        for job in jobs:
            queue.submit(job.kind, job.task)
        _wait(undisturbed, queue)
        _require_equal(found, _records(store))
    print(f"{len(jobs)} jobs done, {len(found):,} arrays are bit for bit as undisturbed")
    yield from _ratios(seen, memory)


def _disturb(running: System, queue: JobQueue, memory: MemoryOverTime) -> None:
    """Ask for jobs, kill, and look at the memory until the time is over and all jobs have ended."""
    chance, killed = random.Random(SEED), Counter[Part]()  # noqa: S311 - what is killed when
    start_s = time.monotonic()
    end_s, kill_s, look_s, asked = start_s + 60 * MINUTES, start_s + PAUSE_S[1], start_s, 0
    while (now_s := time.monotonic()) < end_s:
        running.require_web()
        running.wake_engine()
        if len(queue.active()) < MOST_ACTIVE:
            queue.submit(*_task(asked))
            asked += 1
        if now_s > kill_s:
            kill_s = now_s + chance.uniform(*PAUSE_S)
            part = _victim(chance, (now_s - start_s) / (end_s - start_s))
            killed[part] += running.kill(part, chance.randrange(2))
            if part == "web":
                running.start_web()
        if now_s > look_s:
            look_s = now_s + LOOK_S
            memory.look(now_s - start_s, running)
        time.sleep(0.1)
    _wait(running, queue)
    print(f"killed in {MINUTES:g} minutes: {dict(killed)}")


def _victim(chance: random.Random, share: float) -> Part:
    drawn = chance.choices(list(KILLS), list(KILLS.values()))[0]
    return drawn if share < QUIET else "worker"


def _task(number: int) -> tuple[Kind, Mapping[str, Any]]:
    """Return a job that nobody asked for before: in turn two to compare, and one to analyse."""
    group, turn = divmod(number, 3)
    settings = AlignmentSettings(stride_ms=15 + group / 100)
    first = ComparisonRequest("demo", "s3prl:fbank", "s3prl:mfcc", settings=settings)
    if turn == 0:
        return "comparison", first.as_dict()
    if turn == 1:
        return "comparison", replace(first, model_b="control:onehot").as_dict()
    return "analysis", AnalysisRequest(first, "retrieval", layers=(0, 0)).as_dict()


def _wait(running: System, queue: JobQueue) -> None:
    """Return when all jobs have ended; each has its time anew."""
    end_s, left = time.monotonic() + PATIENCE_S, len(queue.active())
    while active := queue.active():
        running.wake_engine()
        if len(active) < left:
            end_s, left = time.monotonic() + PATIENCE_S, len(active)
        if time.monotonic() > end_s:
            raise TimeoutError(f"{len(active)} jobs do not end, such as {active[0]}")
        time.sleep(0.2)


@contextmanager
def _everybody(url: str, seen: Seen) -> Iterator[None]:
    """Let people look, in a thread of their own."""
    over = threading.Event()

    async def look() -> None:
        await asyncio.gather(*(_person(url, number, seen, over) for number in range(PEOPLE)))

    with ThreadPoolExecutor(1) as thread:
        looking = thread.submit(asyncio.run, look())
        try:
            yield
        finally:
            over.set()
        looking.result()


async def _person(url: str, number: int, seen: Seen, over: threading.Event) -> None:
    """Look and click; who loses the connection comes back, as a browser does."""
    chance = random.Random(number)  # noqa: S311 - who clicks when, not a secret
    await asyncio.sleep(chance.uniform(0, THINKING_S))
    while not over.is_set():
        try:
            async with open_page(url) as socket:
                while not over.is_set():
                    layers = dict(zip(("la", "lb"), map(chance.randrange, LAYERS), strict=True))
                    seen.run_s.append(await run_page(socket, layers, chance.choice(PAGES)))
                    await asyncio.sleep(chance.uniform(0.5, 1.5) * THINKING_S)
        except LOST:
            seen.lost += 1
            await asyncio.sleep(RETRY_S)
        except PageError as error:
            seen.errors.append(f"{error}")


def _records(store: Store) -> dict[tuple[str, str], np.ndarray]:
    """Return all that jobs computed, by digest and name."""
    found = {}
    for kind in KINDS:
        for entry in store.find(kind):
            record = store.read(entry.digest)
            arrays = {} if record is None else record.arrays
            found |= {(entry.digest, name): np.array(array) for name, array in arrays.items()}
    return found


def _require_all_well(jobs: Sequence[Job], seen: Seen, store: Store) -> None:
    bad = [job for job in jobs if job.state != "done" or job.failed]
    if bad:
        raise RuntimeError(f"{len(bad)} of {len(jobs)} jobs are not done, such as {bad[0]}")
    if seen.errors:
        raise RuntimeError(f"{len(seen.errors)} pages showed errors, such as {seen.errors[0]}")
    if damaged := store.verify(orphan_age_s=0.0).damaged:
        raise RuntimeError(f"{len(damaged)} records are damaged, such as {damaged[0]}")


def _require_equal(
    found: Mapping[tuple[str, str], np.ndarray], expected: Mapping[tuple[str, str], np.ndarray]
) -> None:
    if found.keys() != expected.keys():
        raise RuntimeError(f"records differ: {list(found.keys() ^ expected.keys())[:3]}")
    for key, array in expected.items():
        np.testing.assert_array_equal(found[key], array, err_msg=f"{key}", strict=True)


def _ratios(seen: Seen, memory: MemoryOverTime) -> Iterator[Ratio]:
    people = f"{PEOPLE} people, {len(seen.run_s):,} pages while processes are killed"
    yield Ratio(f"{people}, the median", median(seen.run_s), "wanted of 95 %", WANTED_S)
    tail_s = quantiles(seen.run_s, n=20)[-1]
    yield Ratio(f"{people}, the slowest of 95 %", tail_s, "wanted of 95 %", WANTED_S)
    for part, (early_mib, late_mib) in memory.growth().items():
        name = f"memory of the {part} that lived longest, its last quarter"
        yield Ratio(name, late_mib, "its second", early_mib, unit="MiB")
