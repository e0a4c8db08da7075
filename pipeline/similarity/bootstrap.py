"""How far CKA would move with other word types and other speakers: a two-way cluster bootstrap."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, Int64, Real

from pipeline.errors import MatrixError, SettingsError
from pipeline.similarity.centring import row_blocks
from pipeline.similarity.cka import ZERO, cka
from pipeline.similarity.pairing import paired_samples, sampled_rows
from pipeline.similarity.result import Estimator
from pipeline.similarity.row_transforms import Groups, Labels

MOST_ROWS = 4000
_AT_ONCE = 500


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


def resampled_cka(
    x: Float64[np.ndarray, "rows dim_x"],
    y: Float64[np.ndarray, "rows dim_y"],
    clusters: tuple[Groups, Groups],
    often: tuple[Int64[np.ndarray, "draws types"], Int64[np.ndarray, "draws speakers"]],
    estimator: Estimator,
) -> Float64[np.ndarray, " draws"]:
    """Return CKA of rows drawn by types and speakers.

    CKA is a ratio of sums over pairs of rows, of products of kernels centred as the estimator
    centres them. They stay centred on all rows: that their mean moves with a draw changes the sums
    to the second order only, since centred kernels add up to 0 over either row of a pair.

    A pair of two types counts as often as one is drawn times as often as the other is. Copies of a
    type that is drawn twice are not two types: only pairs within the same copy count, so that a
    pair within a type counts as often as the type is drawn, not as the square of that. Otherwise
    copies would look like words that both models represent alike. The same holds of speakers
    (as with pairs of the same condition in Schütt et al. 2023, doi:10.7554/eLife.82566).

    Parameters
    ----------
    x, y : float64 array [shape=(rows, dim)]
        Columns centred; CKA of all rows exists.
    clusters : (types, speakers)
    often : (int64 array [shape=(draws, types)], int64 array [shape=(draws, speakers)])
        How often each is drawn.
    estimator : {"debiased", "biased"}

    Returns
    -------
    float64 array [shape=(draws,)]
        NaN where the value does not exist.
    """
    kernel_x, kernel_y = _centred_kernel(x, estimator), _centred_kernel(y, estimator)
    between, within_x, within_y = (
        np.concatenate(
            [
                _sums_over_pairs(products, clusters, (often[0][some], often[1][some]))
                for some in row_blocks(len(often[0]), _AT_ONCE)
            ]
        )
        for products in (kernel_x * kernel_y, np.square(kernel_x), np.square(kernel_y))
    )
    # Kernels have a mean square of 1.
    exists = (within_x > ZERO) & (within_y > ZERO)
    return between / np.sqrt(np.where(exists, within_x * within_y, np.nan))


def _times_drawn(
    types: int, speakers: int, draws: int, seed: int
) -> tuple[Int64[np.ndarray, "draws types"], Int64[np.ndarray, "draws speakers"]]:
    rng = np.random.default_rng(seed)
    of_types, of_speakers = (
        rng.multinomial(count, np.full(count, 1 / count), size=draws) for count in (types, speakers)
    )
    return of_types, of_speakers


def _centred_kernel(
    x: Float64[np.ndarray, "rows dim"], estimator: Estimator
) -> Float32[np.ndarray, "rows rows"]:
    """Return the kernel centred as the estimator does, of mean square 1.

    U-centred (Székely and Rizzo 2014), the diagonal is 0 and rows still add up to 0.
    """
    # Of scale 1 before, so that single precision holds the products.
    rows = (x / np.sqrt(np.mean(np.vecdot(x, x)))).astype(np.float32)
    kernel = rows @ rows.T
    if estimator == "debiased":
        _u_centre(kernel)
    return kernel / np.float32(np.sqrt(np.mean(np.square(kernel), dtype=np.float64)))


def _u_centre(kernel: Float32[np.ndarray, "rows rows"]) -> None:
    count = len(kernel)
    lengths = np.diagonal(kernel).copy()
    kernel += (lengths + lengths[:, np.newaxis]) / (count - 2)
    kernel -= lengths.sum() / ((count - 1) * (count - 2))
    np.fill_diagonal(kernel, 0)


def _sums_over_pairs(
    products: Float32[np.ndarray, "rows rows"],
    clusters: tuple[Groups, Groups],
    often: tuple[Int64[np.ndarray, "draws types"], Int64[np.ndarray, "draws speakers"]],
) -> Float64[np.ndarray, " draws"]:
    """Return the sum of products over pairs of rows, each as often as it counts, per row pair.

    With u_t how often type t is drawn, a pair of types t and t' counts u_t u_t' - [t = t'] e_t
    times, where e_t = u_t² - u_t; likewise for speakers. The product of both has four terms.
    """
    types, speakers = clusters
    by_type, by_speaker = (
        counts[:, groups.group_of].astype(np.float32)
        for groups, counts in zip(clusters, often, strict=True)
    )
    surplus_types, surplus_speakers = (counts * (counts - 1) for counts in often)
    both = Groups.of(types.group_of * len(speakers.names) + speakers.group_of)
    surplus = surplus_types[:, types.group_of[both.first]]
    surplus = surplus * surplus_speakers[:, speakers.group_of[both.first]]
    total = _quadratic(products, by_type * by_speaker)
    total -= _within(products, types, by_speaker, surplus_types)
    total -= _within(products, speakers, by_type, surplus_speakers)
    total += _within(products, both, np.ones_like(by_type), surplus)
    return total / len(products) ** 2


def _within(
    products: Float32[np.ndarray, "rows rows"],
    groups: Groups,
    weights: Float32[np.ndarray, "draws rows"],
    surplus: Int64[np.ndarray, "draws groups"],
) -> Float64[np.ndarray, " draws"]:
    """Return the sum over pairs within each group, times what the group counts too often."""
    sizes = np.bincount(groups.group_of)
    alone = groups.first[sizes == 1]
    total = np.square(weights[:, alone]) * surplus[:, sizes == 1] @ np.diagonal(products)[alone]
    total = total.astype(np.float64)
    order = np.argsort(groups.group_of, stable=True)
    ends = np.cumsum(sizes)
    for group in np.flatnonzero((sizes > 1) & surplus.any(axis=0)).tolist():
        rows = order[ends[group] - sizes[group] : ends[group]]
        total += surplus[:, group] * _quadratic(products[np.ix_(rows, rows)], weights[:, rows])
    return total


def _quadratic(
    products: Float32[np.ndarray, "rows rows"], weights: Float32[np.ndarray, "draws rows"]
) -> Float64[np.ndarray, " draws"]:
    """Return w'Qw of each draw; rows' sums in single precision, their own sum in double."""
    return np.einsum("dr,dr->d", weights @ products, weights, dtype=np.float64)
