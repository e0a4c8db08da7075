"""How much a model is given at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pipeline.models.batching import OnDevice
from pipeline.models.device import free_bytes
from pipeline.models.extractor import Model
from pipeline.models.spec import ModelSpec

T = TypeVar("T")

# More at once makes no GPU faster.
_LONGEST_S = 320.0
# A row of all layers is held a few times while words are pooled, and inside a layer many times.
_COPIES = 16
_FLOAT32_BYTES = 4
_ROWS_A_SECOND = 50


@dataclass
class BatchBudget:
    """Seconds of audio that a model is given at once, padding included; 0: one recording.

    It falls where the device's memory was too small.
    """

    seconds: float

    def fits(self, durations_s: Sequence[float]) -> bool:
        """Say whether recordings, each padded to the longest, are not too much."""
        return len(durations_s) <= 1 or padded_s(durations_s) <= self.seconds

    def lower(self, durations_s: Sequence[float]) -> None:
        """Allow half of what was too much, from now on."""
        self.seconds = min(self.seconds, padded_s(durations_s) / 2)


def padded_s(durations_s: Sequence[float]) -> float:
    """Return the seconds of a batch in which each recording is padded to the longest."""
    return len(durations_s) * max(durations_s)


def budget_for(model: Model) -> BatchBudget:
    """Return what a model can take: by the free memory of its GPU; on a CPU, one recording.

    On a CPU padding only costs, and no result depends on what else is computed.
    """
    free = free_bytes(model.device) if isinstance(model, OnDevice) else None
    return BatchBudget(0.0 if free is None else affordable_s(model.spec, free))


def affordable_s(spec: ModelSpec, free: int) -> float:
    """Return for how many seconds of audio so many bytes suffice."""
    rows_a_second = 1000 / spec.stride_ms if spec.stride_ms else _ROWS_A_SECOND
    row_bytes = len(spec.layer_names) * spec.dims * _FLOAT32_BYTES * _COPIES
    return min(_LONGEST_S, free / (row_bytes * rows_a_second))


def batches(
    items: Iterable[T], duration_s: Callable[[T], float], budget: BatchBudget
) -> Iterator[list[T]]:
    """Yield neighbouring items together, as many as the budget allows at that time."""
    batch: list[T] = []
    for item in items:
        if not budget.fits([duration_s(each) for each in (*batch, item)]):
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch
