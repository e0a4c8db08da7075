"""What a running job does: a class for each kind of job."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from distributed import Client


@dataclass
class Counts:
    """How far a job is, by utterance (of a comparison: by embedding).

    Attributes
    ----------
    total, done, failed : int
    at_start : int
        Those done or failed before the job started.
    """

    total: int = 0
    done: int = 0
    failed: int = 0
    at_start: int = 0


@runtime_checkable
class JobWork(Protocol):
    """A job that is being done."""

    counts: Counts

    def advance(self, client: Client) -> bool:
        """Take note of what the workers did, give them more; return whether all is done.

        Raises
        ------
        LayerScopeError, CacheError
            If the job cannot be done.
        """

    def release(self) -> None:
        """Let go of what the workers do for it."""
