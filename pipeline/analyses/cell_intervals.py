"""How far every cell would move with other words and speakers, and which layer is the best then."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from pipeline.analyses.analysis import Analysis, Subject, fields_read, fields_stored
from pipeline.similarity.bootstrap import bootstraps, check_level
from pipeline.similarity.result import Estimator


@dataclass(frozen=True)
class IntervalSettings:
    """How often is drawn, and from how much.

    Attributes
    ----------
    draws : int
        Of types and speakers.
    seed : int
    level : float
        Of the intervals.
    most_rows : int
        Where there are more, all is drawn from a sample of so many; time grows with its square.
    """

    draws: int = 400
    seed: int = 0
    level: float = 0.95
    most_rows: int = 2000


@dataclass(frozen=True, eq=False)
class CellIntervals:
    """The bootstrap intervals of all cells, all of the same draws.

    Attributes
    ----------
    values, low, high : float64 array [shape=(layers_a, layers_b)]
        CKA of the rows that were drawn from, and the percentile interval; NaN where it does not
        exist.
    best : float64 array [shape=(layers_a, layers_b)]
        In which share of the draws the cell is the largest of all.
    best_of_a, best_of_b : float64 array [shape=(layers_a, layers_b)]
        In which share it is the largest of all layers of A beside this layer of B, and of all of B
        beside this layer of A.
    level : float
    estimator : {"debiased", "biased"}
    rows, types, speakers, draws, seed : int
    row_digest : str
    """

    values: Float64[np.ndarray, "layers_a layers_b"]
    low: Float64[np.ndarray, "layers_a layers_b"]
    high: Float64[np.ndarray, "layers_a layers_b"]
    best: Float64[np.ndarray, "layers_a layers_b"]
    best_of_a: Float64[np.ndarray, "layers_a layers_b"]
    best_of_b: Float64[np.ndarray, "layers_a layers_b"]
    level: float
    estimator: Estimator
    rows: int
    types: int
    speakers: int
    draws: int
    seed: int
    row_digest: str

    def tables(self) -> dict[str, Float64[np.ndarray, "layers_a layers_b"]]:
        """Return what is written of each cell beside its score."""
        return {"interval_low": self.low, "interval_high": self.high, "best_share": self.best}


def likely_best(shares: Float64[np.ndarray, " layers"], level: float) -> list[tuple[int, float]]:
    """Return the fewest layers of which one is the best in so many of the draws, likeliest first.

    Examples
    --------
    >>> likely_best(np.array([0.03, 0.6, 0.37]), 0.95)
    [(1, 0.6), (2, 0.37)]
    """
    order = np.argsort(-shares, kind="stable")
    needed = int(np.searchsorted(np.cumsum(shares[order]), level * shares.sum() - 1e-9)) + 1
    return [(int(layer), float(shares[layer])) for layer in order[:needed] if shares[layer] > 0]


def cell_intervals(subject: Subject, settings: IntervalSettings) -> CellIntervals:
    """Draw types and speakers for all cells at once; of means of types, only types are drawn."""
    check_level(settings.level)
    matrices = subject.matrices
    found = bootstraps(
        *(matrices.a.layers, matrices.b.layers, matrices.a.rows.words, subject.drawn_speakers),
        estimator=subject.estimator,
        draws=settings.draws,
        seed=settings.seed,
        most_rows=settings.most_rows,
    )
    rows, columns = found.values.shape
    cells = [
        [found.cell(row, column, settings.level) for column in range(columns)]
        for row in range(rows)
    ]
    return CellIntervals(
        values=found.values,
        low=np.array([[cell.low for cell in row] for row in cells]),
        high=np.array([[cell.high for cell in row] for row in cells]),
        best=found.best(),
        best_of_a=found.best(0),
        best_of_b=found.best(1),
        level=settings.level,
        estimator=subject.estimator,
        rows=found.rows,
        types=found.types,
        speakers=found.speakers,
        draws=settings.draws,
        seed=settings.seed,
        row_digest=matrices.tokens.digest,
    )


INTERVALS = Analysis(
    "intervals",
    1,
    IntervalSettings,
    cell_intervals,
    fields_stored,
    fields_read(CellIntervals),
    of_all_layers=True,
)
