"""What CKA gives when words keep their places and exchange their vectors: the type-label null."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float64, Int64, Real

from pipeline.errors import MatrixError, SettingsError
from pipeline.similarity.centring import Layers, row_blocks
from pipeline.similarity.cka import cka
from pipeline.similarity.pairing import paired_samples, sampled_rows
from pipeline.similarity.result import Estimator
from pipeline.similarity.row_transforms import Groups, Labels
from pipeline.similarity.type_permutations import PRECISION, permuted_type_scores

Within = Literal["all", "frequency"]
"""Which types exchange their vectors: any two, or those that are about equally frequent."""

MOST_ROWS = 4000
_AT_ONCE = 256


@dataclass(frozen=True)
class TypeNull:
    """One cell beside what it is when word types exchange their vectors.

    Attributes
    ----------
    value : float
        CKA of the rows.
    mean, sd : float
        Of the permuted values.
    p : float
        (1 + permutations that give at least the value) / (1 + permutations), as of Phipson and
        Smyth (2010, doi:10.2202/1544-6115.1585).
    estimator : {"debiased", "biased"}
    rows, types, permutations, seed : int
    within : {"all", "frequency"}
        Which types exchanged their vectors (:func:`type_nulls`).
    """

    value: float
    mean: float
    sd: float
    p: float
    estimator: Estimator
    rows: int
    types: int
    permutations: int
    seed: int
    within: Within = "all"

    @property
    def z(self) -> float:
        """How many standard deviations the value is above the mean; NaN where nothing varies."""
        return (self.value - self.mean) / (self.sd if self.sd > PRECISION else np.nan)


@dataclass(frozen=True, eq=False)
class TypeNulls:
    """All cells under the same permutations, so that they can be judged together.

    Attributes
    ----------
    values : float64 array [shape=(layers_a, layers_b)]
        CKA of the rows; NaN where it does not exist.
    permuted : float64 array [shape=(permutations, layers_a, layers_b)]
    estimator : {"debiased", "biased"}
    rows, types, seed : int
    within : {"all", "frequency"}
    """

    values: Float64[np.ndarray, "layers_a layers_b"]
    permuted: Float64[np.ndarray, "permutations layers_a layers_b"]
    estimator: Estimator
    rows: int
    types: int
    seed: int
    within: Within = "all"

    @property
    def mean(self) -> Float64[np.ndarray, "layers_a layers_b"]:
        """Mean of the permuted values; NaN where one of them does not exist."""
        return self.permuted.mean(axis=0)

    @property
    def sd(self) -> Float64[np.ndarray, "layers_a layers_b"]:
        """Standard deviation of the permuted values; NaN with fewer than two."""
        if len(self.permuted) == 1:
            return np.full_like(self.values, np.nan)
        return self.permuted.std(axis=0, ddof=1)

    @property
    def p(self) -> Float64[np.ndarray, "layers_a layers_b"]:
        """Share of the permutations, and of what is observed, that give at least the value.

        Those that fall short by less than their precision are counted.
        """
        reached = 1 + np.sum(self.permuted >= self.values - PRECISION, axis=0)
        exists = np.isfinite(self.values) & np.isfinite(self.permuted).all(axis=0)
        return np.where(exists, reached / (1 + len(self.permuted)), np.nan)

    def cell(self, layer_a: int, layer_b: int) -> TypeNull:
        """Return one pair of layers."""
        value, mean, sd, p = (
            float(table[layer_a, layer_b]) for table in (self.values, self.mean, self.sd, self.p)
        )
        counts = (self.rows, self.types, len(self.permuted), self.seed)
        return TypeNull(value, mean, sd, p, self.estimator, *counts, self.within)


def type_null(  # noqa: PLR0913 (two layers, their words, the estimator, how it is drawn)
    a: Real[np.ndarray, "rows_a dim_a"],
    b: Real[np.ndarray, "rows_b dim_b"],
    words: Labels,
    estimator: Estimator = "debiased",
    *,
    permutations: int = 200,
    seed: int = 0,
    most_rows: int = MOST_ROWS,
    within: Within = "all",
) -> TypeNull:
    """Return the type-label null of one pair of layers; see :func:`type_nulls`."""
    given = {"permutations": permutations, "seed": seed, "most_rows": most_rows}
    return type_nulls([a], [b], words, estimator, **given, within=within).cell(0, 0)


def type_nulls(  # noqa: PLR0913 (two models, their words, the estimator, how it is drawn)
    a: Layers,
    b: Layers,
    words: Labels,
    estimator: Estimator = "debiased",
    *,
    permutations: int = 200,
    seed: int = 0,
    most_rows: int = MOST_ROWS,
    within: Within = "all",
) -> TypeNulls:
    """Permute which word type of b has which mean vector, and compare again.

    The null hypothesis is that, how often each type comes and whatever tokens share apart from
    their type being given, which mean vector of b belongs to which type has nothing to do with a
    (:mod:`pipeline.similarity.type_permutations`). It takes all types for exchangeable. They are
    not where both models tell frequent words from rare ones: then frequency alone is found. Nor are
    they quite because the means of rare ones vary more, fewer tokens being averaged. Types that are
    about equally frequent are exchangeable in both respects: among these, what is found is more
    than frequency.

    Parameters
    ----------
    a, b : sequence of array [shape=(rows, dim)]
        The layers of two models over the same rows, possibly memory-mapped.
    words : sequence [shape=(rows,)]
        The word type of each row.
    estimator : {"debiased", "biased"}
    permutations : int
    seed : int
        Which permutations, and which rows, are drawn.
    most_rows : int
        Of more rows, so many are drawn; values, too, are theirs.
    within : {"all", "frequency"}
        "frequency" lets types exchange vectors only with those whose number of drawn rows is
        between the same two powers of two: 1, 2 to 3, 4 to 7, ... A type that is alone there
        keeps its own.

    Raises
    ------
    MatrixError
        The layers and words do not share their rows, or a value is not finite.
    SettingsError
        There is no permutation, or no such restriction.
    """
    check_within(within)
    if permutations < 1:
        raise SettingsError(f"expected at least 1 permutation, found {permutations}")
    if len(words) != len(a[0]):
        raise MatrixError(f"{len(words)} words for {len(a[0])} rows; expected one a row")
    sample_a, sample_b = paired_samples(a, b, most_rows, seed)
    types = Groups.of(np.asarray(words)[sampled_rows(len(words), most_rows, seed)])
    orders = _orders(_exchangeable(types, within), permutations, seed)
    scaled_a, scaled_b = (
        [_of_scale_one(layer) for layer in sample] for sample in (sample_a, sample_b)
    )
    permuted = np.concatenate(
        [
            permuted_type_scores(scaled_a, scaled_b, types, orders[some], estimator)
            for some in row_blocks(permutations, _AT_ONCE)
        ]
    )
    values = cka(scaled_a, scaled_b, estimator)
    return TypeNulls(values, permuted, estimator, len(sample_a[0]), len(types.names), seed, within)


def check_within(within: Within) -> None:
    """Raise SettingsError unless types can exchange their vectors so."""
    if within not in get_args(Within):
        raise SettingsError(
            f"types exchange vectors within {within!r}; choose one of {', '.join(get_args(Within))}"
        )


def _exchangeable(types: Groups, within: Within) -> list[Int64[np.ndarray, " _"]]:
    """Return the types that exchange their vectors with each other, set by set."""
    counts = np.bincount(types.group_of)
    bins = {"all": np.zeros_like(counts), "frequency": np.frexp(counts)[1]}[within]
    return [np.flatnonzero(bins == each) for each in np.unique(bins)]


def _orders(
    sets: Sequence[Int64[np.ndarray, " _"]], permutations: int, seed: int
) -> Int64[np.ndarray, "permutations types"]:
    rng = np.random.default_rng(seed)
    orders = np.empty((permutations, sum(map(len, sets))), dtype=np.int64)
    for members in sets:
        orders[:, members] = rng.permuted(np.tile(members, (permutations, 1)), axis=1)
    return orders


def _of_scale_one(
    layer: Float64[np.ndarray, "rows dim"],
) -> Float64[np.ndarray, "rows dim"]:
    """Return rows whose squared lengths are 1 on average, or 0: single precision holds them."""
    return layer / (np.sqrt(np.mean(np.vecdot(layer, layer))) or 1.0)
