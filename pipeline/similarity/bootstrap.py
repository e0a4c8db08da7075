"""How far CKA would move with other word types and other speakers: a two-way cluster bootstrap."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int64, Real

from pipeline.errors import MatrixError, SettingsError
from pipeline.similarity.centring import Layers
from pipeline.similarity.cka import cka
from pipeline.similarity.cluster_resampling import resampled_cka
from pipeline.similarity.pairing import paired_samples, sampled_rows
from pipeline.similarity.result import Estimator
from pipeline.similarity.row_transforms import Groups, Labels

MOST_ROWS = 4000
Axis = Literal[0, 1] | None


@dataclass(frozen=True)
class BootstrapInterval:
    """A percentile interval of one cell.

    Attributes
    ----------
    value : float
        CKA of the rows.
    sd : float
        Of the drawn values.
    low, high : float
        The interval that holds the share `level` of the drawn values.
    level : float
    estimator : {"debiased", "biased"}
    rows, types, speakers : int
    draws, seed : int
    without_value : int
        Draws in which CKA does not exist, such as that of one speaker alone; they are left out.
    """

    value: float
    sd: float
    low: float
    high: float
    level: float
    estimator: Estimator
    rows: int
    types: int
    speakers: int
    draws: int
    seed: int
    without_value: int


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """All cells under the same draws, so that their order can be judged.

    Attributes
    ----------
    values : float64 array [shape=(layers_a, layers_b)]
        CKA of the rows; NaN where it does not exist.
    drawn : float64 array [shape=(draws, layers_a, layers_b)]
        NaN in draws in which CKA does not exist.
    estimator : {"debiased", "biased"}
    rows, types, speakers, seed : int
    """

    values: Float64[np.ndarray, "layers_a layers_b"]
    drawn: Float64[np.ndarray, "draws layers_a layers_b"]
    estimator: Estimator
    rows: int
    types: int
    speakers: int
    seed: int

    def cell(self, layer_a: int, layer_b: int, level: float = 0.95) -> BootstrapInterval:
        """Return the percentile interval of one pair of layers."""
        drawn = self.drawn[:, layer_a, layer_b]
        found = drawn[np.isfinite(drawn)]
        low, high, sd = np.nan, np.nan, np.nan
        if len(found) > 1:
            low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2]).tolist()
            sd = float(found.std(ddof=1))
        return BootstrapInterval(
            value=float(self.values[layer_a, layer_b]),
            sd=sd,
            low=low,
            high=high,
            level=level,
            estimator=self.estimator,
            rows=self.rows,
            types=self.types,
            speakers=self.speakers,
            draws=len(drawn),
            seed=self.seed,
            without_value=len(drawn) - len(found),
        )

    def best(self, axis: Axis = None) -> Float64[np.ndarray, "layers_a layers_b"]:
        """Return in which share of the draws each cell is the largest.

        Parameters
        ----------
        axis : {None, 0, 1}
            Of all cells; 0, of the layers of a beside the same layer of b; 1, of the layers of b
            beside the same layer of a. Where draws have no value, the share is of the others, and
            0 where none has.
        """
        ordered = np.where(np.isfinite(self.drawn), self.drawn, -np.inf)
        over = (1, 2) if axis is None else axis + 1
        largest = ordered.max(axis=over, keepdims=True)
        # Equal cells, as those of two equal layers, share a draw.
        ahead = (ordered == largest) & np.isfinite(largest)
        shared = ahead / np.maximum(ahead.sum(axis=over, keepdims=True), 1)
        draws = np.isfinite(largest).sum(axis=0)
        return np.asarray(shared.sum(axis=0) / np.maximum(draws, 1))


def bootstrap(  # noqa: PLR0913 (two layers, what their rows are, the estimator, how it is drawn)
    a: Real[np.ndarray, "rows_a dim_a"],
    b: Real[np.ndarray, "rows_b dim_b"],
    words: Labels,
    speakers: Labels,
    estimator: Estimator = "debiased",
    *,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.95,
    most_rows: int = MOST_ROWS,
) -> BootstrapInterval:
    """Return the percentile interval of one pair of layers; see :func:`bootstraps`.

    Raises
    ------
    SettingsError
        Also if `level`, of the interval, is not between 0 and 1.
    """
    check_level(level)
    given = {"draws": draws, "seed": seed, "most_rows": most_rows}
    return bootstraps([a], [b], words, speakers, estimator, **given).cell(0, 0, level)


def check_level(level: float) -> None:
    """Raise SettingsError unless an interval can hold such a share."""
    if not 0 < level < 1:
        raise SettingsError(f"expected the level of an interval between 0 and 1, found {level}")


def bootstraps(  # noqa: PLR0913 (two models, what their rows are, the estimator, how it is drawn)
    a: Layers,
    b: Layers,
    words: Labels,
    speakers: Labels,
    estimator: Estimator = "debiased",
    *,
    draws: int = 1000,
    seed: int = 0,
    most_rows: int = MOST_ROWS,
) -> Bootstrap:
    """Draw word types, and independently of them speakers, with replacement; compare again.

    This is the pigeonhole bootstrap (Owen 2007, doi:10.1214/07-AOAS122): a token counts as often
    as its type is drawn times as often as its speaker is. It is faithful where types and speakers
    make up most of the variation, and too wide, up to three times the variance, where tokens
    themselves do.

    Parameters
    ----------
    a, b : sequence of array [shape=(rows, dim)]
        The layers of two models over the same rows, possibly memory-mapped.
    words, speakers : sequence [shape=(rows,)]
        The word type and the speaker of each row.
    estimator : {"debiased", "biased"}
    draws, seed : int
    most_rows : int
        Of more rows, so many are drawn. Takes 4 · rows² bytes a layer of b, and five times that.

    Raises
    ------
    MatrixError
        The layers, words and speakers do not share their rows, or a value is not finite.
    SettingsError
        There are fewer than two draws.
    """
    if draws < 2:  # noqa: PLR2004 (an interval has two ends)
        raise SettingsError(f"expected at least 2 draws, found {draws}")
    for name, labels in (("words", words), ("speakers", speakers)):
        if len(labels) != len(a[0]):
            raise MatrixError(f"{len(labels)} {name} for {len(a[0])} rows; expected one a row")
    sample_a, sample_b = paired_samples(a, b, most_rows, seed)
    kept = sampled_rows(len(words), most_rows, seed)
    types, voices = (Groups.of(np.asarray(labels)[kept]) for labels in (words, speakers))
    often = _times_drawn(len(types.names), len(voices.names), draws, seed)
    values = cka(sample_a, sample_b, estimator)
    exist_a, exist_b = (np.flatnonzero(np.isfinite(values).any(axis=axis)) for axis in (1, 0))
    drawn = np.full((draws, *values.shape), np.nan)
    drawn[np.ix_(np.arange(draws), exist_a, exist_b)] = resampled_cka(
        [sample_a[layer] for layer in exist_a],
        [sample_b[layer] for layer in exist_b],
        (types, voices),
        often,
        estimator,
    )
    counts = (len(kept), len(types.names), len(voices.names), seed)
    return Bootstrap(values, drawn, estimator, *counts)


def _times_drawn(
    types: int, speakers: int, draws: int, seed: int
) -> tuple[Int64[np.ndarray, "draws types"], Int64[np.ndarray, "draws speakers"]]:
    rng = np.random.default_rng(seed)
    of_types, of_speakers = (
        rng.multinomial(count, np.full(count, 1 / count), size=draws) for count in (types, speakers)
    )
    return of_types, of_speakers
