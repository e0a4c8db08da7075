"""A time as a ratio to a reference timed in the same run, so that machines can be compared."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True)
class Ratio:
    """One line of the table.

    Attributes
    ----------
    name : str
        What was timed, with its sizes.
    seconds : float
    reference : str
        What it is compared with.
    reference_seconds : float
    unit : str
        Of both, where it is not seconds that are compared.
    """

    name: str
    seconds: float
    reference: str
    reference_seconds: float
    unit: str = "seconds"

    @property
    def times(self) -> float:
        """How many times as long the reference takes, or how many times as large it is."""
        return self.reference_seconds / self.seconds

    @property
    def line(self) -> str:
        """The ratio as a line of the table."""
        values = f"{self.times:7.2f}  {self.seconds:8.3f}  {self.reference_seconds:9.3f}"
        unit = "" if self.unit == "seconds" else f" ({self.unit})"
        return f"{values}  {self.name} / {self.reference}{unit}"


def best_seconds(*functions: Callable[[], object], repeats: int = 3) -> list[float]:
    """Return each function's shortest time; they take turns, so that all meet the same load."""
    rounds = [[_seconds(function) for function in functions] for _ in range(repeats)]
    return [min(times) for times in zip(*rounds, strict=True)]


def _seconds(function: Callable[[], object]) -> float:
    start = perf_counter()
    function()
    return perf_counter() - start
