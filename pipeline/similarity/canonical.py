"""Canonical correlations of two layers, measured on rows that their directions were not fitted to.

With as many dimensions as rows, directions that correlate perfectly always exist: only rows that
were held out tell whether two layers share anything. Each fold takes a singular value
decomposition of every layer and of every pair: seconds a pair at 768 dimensions.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Shaped

from pipeline.errors import MatrixError
from pipeline.similarity.centring import Layers
from pipeline.similarity.pairing import paired_samples, sampled_rows

# Fewer rows correlate perfectly, whatever they are.
_FEWEST_JUDGED = 3
# What varies in the fitted rows only is constant in the others, but for rounding.
_CONSTANT = 1e-10


@dataclass(frozen=True)
class Fitting:
    """How canonical directions are found, and on which rows they are judged.

    Attributes
    ----------
    kept_variance : float
        Principal components are kept until they explain this share of a layer's variance.
    ridge : float
        Added to every squared singular value of a layer, as a share of the largest.
    folds : int or None
        Each fold's rows are held out once; None judges the rows that were fitted, as the papers
        do.
    most_rows : int
        Of more rows, so many are drawn.
    seed : int
        Which rows are drawn, and how they are dealt to the folds.
    """

    kept_variance: float = 1.0
    ridge: float = 0.0
    folds: int | None = 5
    most_rows: int = 3000
    seed: int = 0

    def __post_init__(self) -> None:
        if not (0 < self.kept_variance <= 1 and self.ridge >= 0):
            raise MatrixError(
                "expected 0 < kept variance <= 1 and a ridge >= 0, found "
                f"{self.kept_variance} and {self.ridge}"
            )
        if self.folds is not None and self.folds <= 1:
            raise MatrixError(f"expected 2 folds or more, or None, found {self.folds}")


@dataclass(frozen=True, eq=False)
class Whitening:
    """A layer's principal axes, scaled so that what is fitted has orthonormal columns.

    Attributes
    ----------
    mean : float64 array [shape=(dim,)]
    axes : float64 array [shape=(dim, rank)]
    loadings : float64 array [shape=(rank, dim)]
        Inner products of the whitened columns and the layer's own, on the fitted rows.
    """

    mean: Float64[np.ndarray, " dim"]
    axes: Float64[np.ndarray, "dim rank"]
    loadings: Float64[np.ndarray, "rank dim"]

    def __call__(self, x: Float64[np.ndarray, "rows dim"]) -> Float64[np.ndarray, "rows rank"]:
        """Return rows in the whitened axes."""
        return (x - self.mean) @ self.axes


def whitening(x: Float64[np.ndarray, "rows dim"], kept_variance: float, ridge: float) -> Whitening:
    """Fit a layer's principal axes; their rank is 0 where all rows are equal."""
    mean = x[0] + (x - x[0]).mean(axis=0)  # exactly a row where all are equal
    _, scales, axes = np.linalg.svd(x - mean, full_matrices=False)
    existing = scales > scales.max(initial=0) * max(x.shape) * np.finfo(np.float64).eps
    scales, axes = scales[existing], axes[existing]
    explained = np.cumsum(scales**2)
    # Rounding must not decide whether the last component is needed.
    wanted = kept_variance * explained[-1:] * (1 - 1e-12)
    rank = int(np.searchsorted(explained, wanted[0])) + 1 if len(wanted) else 0
    scales, axes = scales[:rank], axes[:rank]
    shrunk = np.sqrt(scales**2 + ridge * scales[:1] ** 2)
    return Whitening(mean, axes.T / shrunk, (scales**2 / shrunk)[:, np.newaxis] * axes)


@dataclass(frozen=True, eq=False)
class _Side:
    """One layer, whitened as the fitted rows want it."""

    fitted: Float64[np.ndarray, "fitted rank"]
    judged: Float64[np.ndarray, "judged rank"]
    loadings: Float64[np.ndarray, "rank dim"]


Weights = Callable[[Float64[np.ndarray, "components dim_a"]], Float64[np.ndarray, " components"]]
Groups = Sequence[object] | Shaped[np.ndarray, " rows"]


def mean_correlations(
    a: Layers, b: Layers, fitting: Fitting, groups: Groups | None, weights: Weights
) -> Float64[np.ndarray, "layers_a layers_b"]:
    """Return the weighted mean of the canonical correlations, averaged over folds.

    Parameters
    ----------
    a, b : sequence of array [shape=(rows, dim)]
        The layers of two models over the same rows, possibly memory-mapped; dims may differ.
    fitting : Fitting
    groups : sequence [shape=(rows,)] or None
        Rows that are held out together, such as the tokens of a word type or of a speaker.
    weights : callable
        Given the inner products of a's canonical variates (of length 1) with the columns of a,
        the weight of each.

    Returns
    -------
    float64 array [shape=(layers_a, layers_b)]
        NaN where all fitted rows of a layer are equal, and where a fold has fewer than 3 rows. A
        variate that does not vary on the rows it is judged on has correlation 0.

    Raises
    ------
    MatrixError
        The layers do not share their rows, or a value is not finite.
    """
    layers_a, layers_b = paired_samples(a, b, fitting.most_rows, fitting.seed)
    scores = []
    for fitted, judged in _splits(len(a[0]), fitting, groups):
        if judged.sum() < _FEWEST_JUDGED:
            return np.full((len(a), len(b)), np.nan)
        sides_a, sides_b = (
            [_side(layer[fitted], layer[judged], fitting) for layer in layers]
            for layers in (layers_a, layers_b)
        )
        scores.append([[_mean_correlation(x, y, weights) for y in sides_b] for x in sides_a])
    return np.mean(scores, axis=0)


def _splits(
    rows: int, fitting: Fitting, groups: Groups | None
) -> Iterator[tuple[Bool[np.ndarray, " rows"], Bool[np.ndarray, " rows"]]]:
    """Yield which of the drawn rows are fitted and which are judged."""
    drawn = sampled_rows(rows, fitting.most_rows, fitting.seed)
    if fitting.folds is None:
        everything = np.ones(len(drawn), dtype=np.bool_)
        yield everything, everything
        return
    labels = np.arange(rows) if groups is None else np.asarray(groups)
    if len(labels) != rows:
        raise MatrixError(f"{len(labels)} groups for {rows} rows; expected one a row")
    names, group = np.unique(labels[drawn], return_inverse=True)
    fold_of_group = np.random.default_rng(fitting.seed).permutation(len(names)) % fitting.folds
    for fold in range(fitting.folds):
        judged = fold_of_group[group] == fold
        yield ~judged, judged


def _side(
    fitted: Float64[np.ndarray, "fitted dim"],
    judged: Float64[np.ndarray, "judged dim"],
    fitting: Fitting,
) -> _Side:
    found = whitening(fitted, fitting.kept_variance, fitting.ridge)
    return _Side(found(fitted), found(judged), found.loadings)


def _mean_correlation(x: _Side, y: _Side, weights: Weights) -> float:
    if not (x.fitted.shape[1] and y.fitted.shape[1]):
        return np.nan
    left, _, right = np.linalg.svd(x.fitted.T @ y.fitted, full_matrices=False)
    found = _correlations(x.judged @ left, y.judged @ right.T)
    return float(np.average(found, weights=weights(left.T @ x.loadings)))


def _correlations(
    x: Float64[np.ndarray, "judged components"], y: Float64[np.ndarray, "judged components"]
) -> Float64[np.ndarray, " components"]:
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    lengths = np.linalg.norm(x, axis=0) * np.linalg.norm(y, axis=0)
    found = np.zeros_like(lengths)
    return np.divide(np.vecdot(x.T, y.T), lengths, out=found, where=lengths > _CONSTANT)
