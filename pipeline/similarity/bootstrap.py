"""How far CKA would move with other word types and other speakers: a two-way cluster bootstrap."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64, Real

from pipeline.errors import MatrixError, SettingsError
from pipeline.similarity.cka import cka
from pipeline.similarity.cluster_resampling import resampled_cka
from pipeline.similarity.pairing import paired_samples, sampled_rows
from pipeline.similarity.result import Estimator
from pipeline.similarity.row_transforms import Groups, Labels

MOST_ROWS = 4000


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
    """Draw word types, and independently of them speakers, with replacement; compare again.

    This is the pigeonhole bootstrap (Owen 2007, doi:10.1214/07-AOAS122): a token counts as often
    as its type is drawn times as often as its speaker is. It is faithful where types and speakers
    make up most of the variation, and too wide, up to three times the variance, where tokens
    themselves do.

    Parameters
    ----------
    a, b : array [shape=(rows, dim)]
        One layer of each model over the same rows, possibly memory-mapped.
    words, speakers : sequence [shape=(rows,)]
        The word type and the speaker of each row.
    estimator : {"debiased", "biased"}
    draws, seed : int
    level : float
        Of the interval.
    most_rows : int
        Of more rows, so many are drawn. Takes 24 · rows² bytes.

    Raises
    ------
    MatrixError
        The layers, words and speakers do not share their rows, or a value is not finite.
    SettingsError
        There are fewer than two draws, or the level is not between 0 and 1.
    """
    if draws < 2 or not 0 < level < 1:  # noqa: PLR2004 (an interval has two ends)
        raise SettingsError(
            f"expected at least 2 draws and a level between 0 and 1, found {draws} and {level}"
        )
    for name, labels in (("words", words), ("speakers", speakers)):
        if len(labels) != len(a):
            raise MatrixError(f"{len(labels)} {name} for {len(a)} rows; expected one a row")
    (x,), (y,) = paired_samples([a], [b], most_rows, seed)
    kept = sampled_rows(len(a), most_rows, seed)
    types, voices = (Groups.of(np.asarray(labels)[kept]) for labels in (words, speakers))
    often = _times_drawn(len(types.names), len(voices.names), draws, seed)
    value = float(cka([x], [y], estimator)[0, 0])
    drawn = np.full(draws, np.nan)
    if np.isfinite(value):
        drawn = resampled_cka(x, y, (types, voices), often, estimator)
    found = drawn[np.isfinite(drawn)]
    low, high, sd = np.nan, np.nan, np.nan
    if len(found) > 1:
        low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2]).tolist()
        sd = float(found.std(ddof=1))
    return BootstrapInterval(
        value=value,
        sd=sd,
        low=low,
        high=high,
        level=level,
        estimator=estimator,
        rows=len(x),
        types=len(types.names),
        speakers=len(voices.names),
        draws=draws,
        seed=seed,
        without_value=draws - len(found),
    )


def _times_drawn(
    types: int, speakers: int, draws: int, seed: int
) -> tuple[Int64[np.ndarray, "draws types"], Int64[np.ndarray, "draws speakers"]]:
    rng = np.random.default_rng(seed)
    of_types, of_speakers = (
        rng.multinomial(count, np.full(count, 1 / count), size=draws) for count in (types, speakers)
    )
    return of_types, of_speakers
