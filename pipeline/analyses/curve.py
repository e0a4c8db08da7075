"""Is a cell's value one of its rows' number: CKA against how many rows, and tokens a type."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
from jaxtyping import Bool, Float64, Int64

from pipeline.analyses.analysis import Analysis, Subject, fields_read, fields_stored
from pipeline.errors import SettingsError
from pipeline.similarity.centring import Layers, check_both_finite
from pipeline.similarity.cka import biased_cka, debiased_cka
from pipeline.similarity.cross_statistics import cross_statistics
from pipeline.similarity.curves import Curve, curve_over_caps, curve_over_rows
from pipeline.similarity.pairing import sampled_rows

_FEWEST_ROWS = 50
_SIZES = 8
_CAPS = (1, 2, 5)  # and these times 10, 100 and so on


@dataclass(frozen=True)
class CurveSettings:
    """How often is drawn, and from how much.

    Attributes
    ----------
    draws : int
        Of each point at which anything is left out.
    seed : int
    most_rows : int
        Where there are more, all is drawn from a sample of so many.
    """

    draws: int = 3
    seed: int = 0
    most_rows: int = 20_000

    def __post_init__(self) -> None:
        if self.draws < 1 or self.most_rows < 1:
            raise SettingsError(
                "expected at least 1 draw and 1 row, found "
                f"{self.draws} draws and {self.most_rows} rows at most"
            )


@dataclass(frozen=True, eq=False)
class CellCurve:
    """CKA over samples, a point each: first of several sizes, then of several caps.

    Attributes
    ----------
    capped : bool array [shape=(points,)]
        Whether the sample has at most `at` tokens of each type; else it has `at` rows.
    at, draw, rows : int64 array [shape=(points,)]
        How many rows or tokens a type at most, which sample of these, and its number of rows.
    debiased, biased : float64 array [shape=(points,)]
        NaN where a sample has no value, such as debiased CKA of fewer than 4 rows.
    sampled_from : int
        How many rows are compared in all: more than any point has where `most_rows` are fewer.
    row_digest : str
    """

    capped: Bool[np.ndarray, " points"]
    at: Int64[np.ndarray, " points"]
    draw: Int64[np.ndarray, " points"]
    rows: Int64[np.ndarray, " points"]
    debiased: Float64[np.ndarray, " points"]
    biased: Float64[np.ndarray, " points"]
    sampled_from: int
    row_digest: str

    @property
    def draws(self) -> int:
        """How many samples there are of each point at which anything is left out."""
        return int(self.draw.max()) + 1

    @property
    def drawn_from_text(self) -> str:
        """Say what the samples are of: all rows, or so many of them that were drawn first."""
        most = int(self.rows.max())
        every = f"{self.sampled_from:,} rows"
        return every if most == self.sampled_from else f"{most:,} of {every}"


def cell_curve(subject: Subject, settings: CurveSettings) -> CellCurve:
    """Compute both curves of one pair of layers."""
    matrices = subject.matrices
    check_both_finite(matrices.a.layers, matrices.b.layers)
    count = len(matrices.a.rows)
    kept = sampled_rows(count, settings.most_rows, settings.seed)
    words = [matrices.a.rows.words[row] for row in kept.tolist()]
    a, b = ([matrix.layers[0][kept]] for matrix in (matrices.a, matrices.b))
    *sizes, every_row = _sizes(len(kept))
    *caps, no_cap = _caps(words)
    seed = settings.seed
    # Where nothing is left out, every draw is the same.
    over_rows = (
        *curve_over_rows(a, b, sizes, draws=settings.draws, seed=seed, scores=_both),
        *curve_over_rows(a, b, [every_row], seed=seed, scores=_both),
    )
    over_caps = (
        *curve_over_caps(a, b, words, caps, draws=settings.draws, seed=seed, scores=_both),
        *curve_over_caps(a, b, words, [no_cap], seed=seed, scores=_both),
    )
    return _joined(over_rows, over_caps, count, matrices.tokens.digest)


def _both(a: Layers, b: Layers) -> Float64[np.ndarray, "1 2"]:
    """Return one pair's debiased and its biased CKA, from the same products."""
    statistics = cross_statistics(a, b)
    return np.hstack([debiased_cka(statistics), biased_cka(statistics)])


def _sizes(rows: int) -> list[int]:
    spaced = np.geomspace(min(_FEWEST_ROWS, rows), rows, _SIZES)
    return sorted(set(np.rint(spaced).astype(int).tolist()))


def _caps(words: Sequence[str]) -> list[int]:
    largest = max(Counter(words).values())
    return [*takewhile(lambda cap: cap < largest, _round_numbers()), largest]


def _round_numbers() -> Iterator[int]:
    scale = 1
    while True:
        yield from (scale * number for number in _CAPS)
        scale *= 10


def _joined(over_rows: Curve, over_caps: Curve, count: int, digest: str) -> CellCurve:
    points = (*over_rows, *over_caps)
    scores = np.concatenate([point.scores for point in points])
    return CellCurve(
        capped=np.arange(len(points)) >= len(over_rows),
        at=np.array([point.at for point in points]),
        draw=np.array([point.draw for point in points]),
        rows=np.array([point.rows for point in points]),
        debiased=scores[:, 0],
        biased=scores[:, 1],
        sampled_from=count,
        row_digest=digest,
    )


CURVE = Analysis("curve", 1, CurveSettings, cell_curve, fields_stored, fields_read(CellCurve))
