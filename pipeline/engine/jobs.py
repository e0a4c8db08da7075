"""A job: one a distinct piece of work, whoever asks first."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

from cache import Key

State = Literal["queued", "running", "done", "failed", "cancelled"]
Kind = Literal["comparison", "analysis", "view", "alignment", "care"]
ENDED: tuple[State, ...] = ("done", "failed", "cancelled")
KINDS: tuple[Kind, ...] = get_args(Kind)

ID_LENGTH = 12


@dataclass(frozen=True)
class Job:
    """A piece of work.

    Attributes
    ----------
    kind : {"comparison", "analysis", "view", "alignment", "care"}
        What `task` asks for: all of a comparison, an analysis of one, what one page of an
        utterance shows, word times for a corpus that has none, or care of the store.
    task : mapping
        Plain values; equal tasks are the same job.
    state : {"queued", "running", "done", "failed", "cancelled"}
    asked_by : str
        Who asked first.
    attempt : int
        How often it was queued: what an engine does for an earlier attempt no longer counts.
    submitted_at_s, started_at_s, finished_at_s : float
        Seconds since the epoch; 0 before.
    total, done, failed : int
        Embeddings (of an alignment: TextGrids; of care: records) in all, and what became of them.
    settled_at_start : int
        Those done or failed when the job started; like `total` 0 until the engine has counted.
    error : str or None
        Why the job failed.
    """

    kind: Kind
    task: Mapping[str, Any]
    state: State = "queued"
    asked_by: str = "local"
    attempt: int = 1
    submitted_at_s: float = 0.0
    started_at_s: float = 0.0
    finished_at_s: float = 0.0
    total: int = 0
    done: int = 0
    failed: int = 0
    settled_at_start: int = 0
    error: str | None = None

    @cached_property
    def digest(self) -> str:
        """What tells it from other jobs."""
        return job_digest(self.kind, self.task)

    @property
    def id(self) -> str:
        """The digest in short, for people."""
        return self.digest[:ID_LENGTH]

    @property
    def is_active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ("queued", "running")

    @property
    def settled(self) -> int:
        """How many of `total` are done or failed."""
        return self.done + self.failed

    @property
    def can_be_retried(self) -> bool:
        """Whether it failed, was cancelled, or is done but for some utterances."""
        return self.state in ("failed", "cancelled") or (self.state == "done" and self.failed > 0)

    def duration_s(self, now_s: float) -> float | None:
        """Return for how long it ran, or runs; None where it never started."""
        if not self.started_at_s:
            return None
        return max((self.finished_at_s or now_s) - self.started_at_s, 0.0)

    def rate(self, now_s: float, settled: int | None = None) -> float | None:
        """Return how many a second are settled since the start, None before one is.

        Parameters
        ----------
        now_s : float
            Seconds since the epoch; of a job that has ended, its end counts.
        settled : int, optional
            How many are settled now, where that is known better.
        """
        here = (self.settled if settled is None else settled) - self.settled_at_start
        elapsed_s = (self.finished_at_s or now_s) - self.started_at_s
        if not self.total or here <= 0 or elapsed_s <= 0:
            return None
        return here / elapsed_s

    def seconds_left(self, now_s: float, settled: int | None = None) -> float | None:
        """Return the time left at the rate so far, None before anything is settled."""
        rate = self.rate(now_s, settled)
        left = self.total - (self.settled if settled is None else settled)
        return None if rate is None else max(left, 0) / rate


def job_digest(kind: Kind, task: Mapping[str, Any]) -> str:
    """Return what tells a job from others: a digest of what is asked for."""
    return Key("job", 1, {"kind": kind, "task": task}).digest


@dataclass(frozen=True)
class Summary:
    """All jobs that are remembered, in numbers.

    Attributes
    ----------
    jobs : mapping of (kind, state) to int
    pieces : mapping of str to int
        Of what those jobs needed: ``found`` when they started, ``settled`` since, and ``failed``,
        which may be of either.
    waiting_since_s : float or None
        When the job that has waited longest was asked for, in seconds since the epoch.
    """

    jobs: Mapping[tuple[Kind, State], int]
    pieces: Mapping[str, int]
    waiting_since_s: float | None


@dataclass(frozen=True)
class LogLine:
    """What happened to a job, and when, in seconds since the epoch."""

    at_s: float
    text: str
