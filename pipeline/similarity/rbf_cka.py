"""CKA with Gaussian kernels of all pairs of two models' layers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Bool, Float64

from pipeline.similarity.centring import Layers, row_blocks
from pipeline.similarity.cross_statistics import FEWEST_ROWS
from pipeline.similarity.pairing import paired_samples
from pipeline.similarity.result import Estimator

TILE_ROWS = 384
# Shares that rounding cannot reach: of a distance, and of a sum over a kernel.
_EQUAL = 1e-6
ZERO = 1e-12


def rbf_cka(
    a: Layers,
    b: Layers,
    estimator: Estimator = "debiased",
    bandwidth: float = 1.0,
    most_rows: int = 3000,
    seed: int = 0,
) -> Float64[np.ndarray, "layers_a layers_b"]:
    """Compare layers by CKA with the kernel exp(-||x - y||² / (2 (bandwidth · median)²)).

    The median is that of the distances of all pairs of rows (Kornblith et al. 2019, section 5.1).
    Large bandwidths approach linear CKA; small ones see only neighbours.

    Parameters
    ----------
    a, b : sequence of array [shape=(rows, dim)]
        The layers of two models over the same rows, possibly memory-mapped; dims may differ.
    estimator : {"debiased", "biased"}
        As in :func:`pipeline.similarity.cka.cka`.
    bandwidth : float
        In median distances.
    most_rows : int
        Of more rows, so many are drawn.
    seed : int
        Which rows are drawn.

    Returns
    -------
    float64 array [shape=(layers_a, layers_b)]
        NaN where half of a layer's distances are 0, where debiasing leaves nothing of a layer, and
        with fewer than 4 rows if debiased.

    Raises
    ------
    MatrixError
        The layers do not share their rows, or a value is not finite.
    """
    samples_a, samples_b = paired_samples(a, b, most_rows, seed)
    kernels = [_Kernel.of(layer, bandwidth) for layer in (*samples_a, *samples_b)]
    products = _CENTRED_PRODUCTS[estimator](_sums(kernels))
    own = np.sqrt(np.diag(products))
    return products[: len(a), len(a) :] / np.outer(own[: len(a)], own[len(a) :])


@dataclass(frozen=True, eq=False)
class _Kernel:
    """One layer's kernel, computed a tile at a time."""

    rows: Float64[np.ndarray, "rows dim"]
    rate: float

    @classmethod
    def of(cls, rows: Float64[np.ndarray, "rows dim"], bandwidth: float) -> "_Kernel":
        above = np.triu_indices(len(rows), k=1)
        distances = np.sqrt(_squared_distances(rows, rows)[above])
        median = np.median(distances) if len(distances) else 0.0
        exists = median > _EQUAL * np.abs(rows).max(initial=0)
        return cls(rows, float(1 / (2 * (bandwidth * median) ** 2)) if exists else np.nan)

    def tile(self, left: slice, right: slice) -> Float64[np.ndarray, "left right"]:
        tile = np.exp(-self.rate * _squared_distances(self.rows[left], self.rows[right]))
        if left == right:
            np.fill_diagonal(tile, 0)
        return tile


def _squared_distances(
    x: Float64[np.ndarray, "left dim"], y: Float64[np.ndarray, "right dim"]
) -> Float64[np.ndarray, "left right"]:
    squares = np.add.outer(np.vecdot(x, x), np.vecdot(y, y)) - 2 * (x @ y.T)
    return np.maximum(squares, 0, out=squares)


@dataclass(frozen=True, eq=False)
class _Sums:
    """What both estimators are made of, for kernels whose diagonal is set to zero.

    Attributes
    ----------
    products : float64 array [shape=(layers, layers)]
        Sums of K_ij L_ij.
    margins : float64 array [shape=(layers, rows)]
        Each kernel's row sums.
    """

    products: Float64[np.ndarray, "layers layers"]
    margins: Float64[np.ndarray, "layers rows"]


def _sums(kernels: Sequence[_Kernel]) -> _Sums:
    count = len(kernels[0].rows)
    products, margins = np.zeros((len(kernels),) * 2), np.zeros((len(kernels), count))
    blocks = list(row_blocks(count, TILE_ROWS))
    for index, left in enumerate(blocks):
        for right in blocks[index:]:
            tiles = np.stack([kernel.tile(left, right) for kernel in kernels])
            flat = tiles.reshape(len(kernels), -1)
            products += (flat @ flat.T) * (1 if left == right else 2)
            margins[:, left] += tiles.sum(axis=2)
            if left != right:
                margins[:, right] += tiles.sum(axis=1)
    return _Sums(products, margins)


def _debiased(sums: _Sums) -> Float64[np.ndarray, "layers layers"]:
    """Return n (n - 3) times the unbiased HSICs (Song et al. 2012, equation 5)."""
    n, totals = sums.margins.shape[1], sums.margins.sum(axis=1)
    if n < FEWEST_ROWS:
        return np.full_like(sums.products, np.nan)
    found = sums.products - 2 / (n - 2) * (sums.margins @ sums.margins.T)
    found += np.outer(totals, totals) / ((n - 1) * (n - 2))
    return _unless(np.diag(found) <= ZERO * np.diag(sums.products), found)


def _biased(sums: _Sums) -> Float64[np.ndarray, "layers layers"]:
    """Return <HKH, HLH>, the diagonals of K and L being 1."""
    n, margins = sums.margins.shape[1], sums.margins + 1
    totals = margins.sum(axis=1)
    found = sums.products + n - 2 / n * (margins @ margins.T) + np.outer(totals, totals) / n**2
    return _unless(np.diag(found) <= ZERO * n, found)


def _unless(
    missing: Bool[np.ndarray, " layers"], products: Float64[np.ndarray, "layers layers"]
) -> Float64[np.ndarray, "layers layers"]:
    return np.where(np.logical_or.outer(missing, missing), np.nan, products)


_CENTRED_PRODUCTS: Mapping[Estimator, Callable[[_Sums], Float64[np.ndarray, "layers layers"]]] = (
    MappingProxyType({"debiased": _debiased, "biased": _biased})
)
