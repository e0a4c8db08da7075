"""Jobs as records in the store: one a distinct piece of work, whoever asks first."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from cache import Key, Store

State = Literal["queued", "running", "done", "failed"]
Kind = Literal["comparison", "view", "alignment"]


@dataclass(frozen=True)
class Job:
    """A piece of work.

    Attributes
    ----------
    kind : {"comparison", "view", "alignment"}
        What `task` asks for: all of a comparison, what one page of an utterance shows, or word
        times for a corpus that has none.
    task : mapping
        Plain values; equal tasks are the same job.
    state : {"queued", "running", "done", "failed"}
    submitted_at_s, started_at_s : float
        Seconds since the epoch; `started_at_s` is 0 before the start.
    total, done_at_start : int
        Embeddings (of an alignment: TextGrids) in all, and those that were there already when the
        job started.
    error : str or None
        Why it failed.
    """

    kind: Kind
    task: Mapping[str, Any]
    state: State = "queued"
    submitted_at_s: float = 0.0
    started_at_s: float = 0.0
    total: int = 0
    done_at_start: int = 0
    error: str | None = None

    @property
    def key(self) -> Key:
        """The key of the job's record."""
        return Key("job", 1, {"kind": self.kind, "task": self.task})

    @property
    def is_active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ("queued", "running")

    def seconds_left(self, done: int, now_s: float) -> float | None:
        """Return the time left at the rate so far, None before anything is done.

        Parameters
        ----------
        done : int
            Embeddings or TextGrids that are there now.
        now_s : float
            Seconds since the epoch.
        """
        done_here = done - self.done_at_start
        if done_here <= 0 or self.started_at_s <= 0:
            return None
        return (now_s - self.started_at_s) / done_here * (self.total - done)


def submit(store: Store, kind: Kind, task: Mapping[str, Any]) -> Job:
    """Queue a job, unless the same one waits or runs already; return it as it stands."""
    job = Job(kind, task, submitted_at_s=time.time())
    known = find_job(store, job.key)
    if known is not None and known.is_active:
        return known
    save(store, job)
    return job


def save(store: Store, job: Job) -> None:
    """Write a job as it stands."""
    store.put(job.key, {}, {"job": asdict(job)}, {"state": job.state})


def find_job(store: Store, key: Key) -> Job | None:
    """Return the job of a key."""
    record = store.get(key)
    return None if record is None else _from_metadata(record.metadata)


def _from_metadata(metadata: Mapping[str, Any]) -> Job:
    return Job(**metadata["job"])


def active_jobs(store: Store) -> Iterator[Job]:
    """Yield the jobs that wait or run, the earliest first."""
    entries = [
        entry for entry in store.find("job") if entry.labels["state"] in ("queued", "running")
    ]
    for entry in sorted(entries, key=lambda entry: entry.stored_at_s):
        record = store.read(entry.digest)
        if record is not None:
            yield _from_metadata(record.metadata)


def finish(store: Store, job: Job, error: str | None) -> None:
    """Note that a job is done, or why it failed."""
    save(store, replace(job, state="failed" if error else "done", error=error))
