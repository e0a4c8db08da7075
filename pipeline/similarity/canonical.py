"""Canonical correlations of two layers, measured on rows that their directions were not fitted to.

With as many dimensions as rows, directions that correlate perfectly always exist: only rows that
were held out tell whether two layers share anything.

Each fold takes an eigendecomposition of every layer's covariances, and one of every pair's. They
are several times as fast as the singular value decompositions that define the directions, and
differ from them in squares: of a layer, they are taken only where those have digits enough. A
pair of layers of 768 dimensions takes a core about 0.3 s a fold.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
from jaxtyping import Bool, Float64, Shaped

from pipeline.errors import MatrixError
from pipeline.similarity.centring import Layers
from pipeline.similarity.pairing import paired_samples, sampled_rows
from pipeline.similarity.processor import Processor

# Fewer rows correlate perfectly, whatever they are.
_FEWEST_JUDGED = 3
# What varies in the fitted rows only is constant in the others, but for rounding.
_CONSTANT = 1e-10
# Of eigenvalues: as squares of singular values, the least still has eight digits.
_WELL_CONDITIONED = 1e-8
_DOUBLE = Processor(np, "float64")


@dataclass(frozen=True)
class Fitting:
    """How canonical directions are found, and on which rows they are judged.

    Attributes
    ----------
    kept_variance : float
        Principal components are kept until they explain this share of a layer's variance; 1 leaves
        out what is rounding, less than 1e-12 of it.
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
    scales, axes = _principal_axes(x - mean)
    explained = np.cumsum(scales**2)
    # Rounding must not decide whether the last component is needed.
    wanted = kept_variance * explained[-1:] * (1 - 1e-12)
    rank = int(np.searchsorted(explained, wanted[0])) + 1 if len(wanted) else 0
    scales, axes = scales[:rank], axes[:rank]
    shrunk = np.sqrt(scales**2 + ridge * scales[:1] ** 2)
    return Whitening(mean, axes.T / shrunk, (scales**2 / shrunk)[:, np.newaxis] * axes)


def _principal_axes(
    centred: Float64[np.ndarray, "rows dim"],
) -> tuple[Float64[np.ndarray, " rank"], Float64[np.ndarray, "rank dim"]]:
    """Return the singular values, the largest first, and the directions in which rows vary."""
    rows, dim = centred.shape
    if rows > dim:
        squares, vectors = np.linalg.eigh(centred.T @ centred)
        if squares[0] > _WELL_CONDITIONED * squares[-1]:
            return np.sqrt(squares[::-1]), vectors.T[::-1]
    _, scales, axes = np.linalg.svd(centred, full_matrices=False)
    existing = scales > scales.max(initial=0) * max(rows, dim) * np.finfo(np.float64).eps
    return scales[existing], axes[existing]


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
    with _DOUBLE.threads() as threads:
        for fitted, judged in _splits(len(a[0]), fitting, groups):
            if judged.sum() < _FEWEST_JUDGED:
                return np.full((len(a), len(b)), np.nan)
            side = partial(_side, fitted=fitted, judged=judged, fitting=fitting)
            scores.append(_fold_scores(layers_a, layers_b, side, weights, threads))
    return np.mean(scores, axis=0)


def _fold_scores(
    a: Sequence[Float64[np.ndarray, "rows _"]],
    b: Sequence[Float64[np.ndarray, "rows _"]],
    side: Callable[[Float64[np.ndarray, "rows dim"]], _Side],
    weights: Weights,
    threads: Executor,
) -> Float64[np.ndarray, "layers_a layers_b"]:
    """Whiten each layer once, and compare all pairs."""
    sides_a, sides_b = list(threads.map(side, a)), list(threads.map(side, b))
    pairs = zip(*product(sides_a, sides_b), strict=True)
    found = list(threads.map(partial(_mean_correlation, weights), *pairs))
    return np.reshape(found, (len(a), len(b)))


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
    layer: Float64[np.ndarray, "rows dim"],
    fitted: Bool[np.ndarray, " rows"],
    judged: Bool[np.ndarray, " rows"],
    fitting: Fitting,
) -> _Side:
    found = whitening(layer[fitted], fitting.kept_variance, fitting.ridge)
    return _Side(found(layer[fitted]), found(layer[judged]), found.loadings)


def _mean_correlation(weights: Weights, x: _Side, y: _Side) -> float:
    if not (x.fitted.shape[1] and y.fitted.shape[1]):
        return np.nan
    left, right = _canonical_directions(x.fitted.T @ y.fitted)
    found = _correlations(x.judged @ left, y.judged @ right)
    return float(np.average(found, weights=weights(left.T @ x.loadings)))


def _canonical_directions(
    across: Float64[np.ndarray, "rank_a rank_b"],
) -> tuple[Float64[np.ndarray, "rank_a components"], Float64[np.ndarray, "rank_b components"]]:
    """Return the singular vectors, the largest first; those on the right without length."""
    _, vectors = np.linalg.eigh(across @ across.T)
    left = vectors[:, ::-1][:, : min(across.shape)]
    # Their lengths are the singular values: taken from the eigenvalues, small ones have no digits.
    right = across.T @ left
    lengths = np.linalg.norm(right, axis=0)
    return left, np.divide(right, lengths, out=np.zeros_like(right), where=lengths > 0)


def _correlations(
    x: Float64[np.ndarray, "judged components"], y: Float64[np.ndarray, "judged components"]
) -> Float64[np.ndarray, " components"]:
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    lengths = np.linalg.norm(x, axis=0) * np.linalg.norm(y, axis=0)
    found = np.zeros_like(lengths)
    return np.divide(np.vecdot(x.T, y.T), lengths, out=found, where=lengths > _CONSTANT)
