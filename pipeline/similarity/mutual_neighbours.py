"""Mutual k-nearest neighbours and CKNNA of all pairs of two models' layers (Huh et al. 2024).

Both are defined by the authors' code (``metrics.py`` of minyoungg/platonic-rep), on rows of
length 1; their clipping of outliers is left out. Tokens of one word type are neighbours in every
model that tells words apart: to ask for more, compare type means.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from pipeline.similarity.centring import CentredLayer, Layers
from pipeline.similarity.cross_statistics import FEWEST_ROWS
from pipeline.similarity.neighbours import nearest_rows, shared_neighbours, unit_rows
from pipeline.similarity.pairing import paired_layers, sampled_rows

_SAME = 1e-12


@dataclass(frozen=True, eq=False)
class _Graph:
    """Unit rows of one layer, and which are near which."""

    unit: Float64[np.ndarray, "rows dim"]
    nearest: Int64[np.ndarray, "rows k"]

    @property
    def differs(self) -> bool:
        """Whether rows have different directions, rounding aside."""
        return bool(np.abs(self.unit - self.unit[0]).max() > _SAME)


def mutual_neighbours(
    a: Layers, b: Layers, k: int = 10, most_rows: int = 3000, seed: int = 0
) -> Float64[np.ndarray, "layers_a layers_b"]:
    """Return the mean share of the k nearest neighbours of a row that both layers have.

    Parameters
    ----------
    a, b : sequence of array [shape=(rows, dim)]
        The layers of two models over the same rows, possibly memory-mapped; dims may differ.
    k : int
        How many neighbours, by cosine; ties go by the order of the rows.
    most_rows : int
        Of more rows, so many are drawn; neighbours are then sought among these only.
    seed : int
        Which rows are drawn.

    Returns
    -------
    float64 array [shape=(layers_a, layers_b)]
        Between 0 and 1; by chance k / (rows - 1). NaN where all rows of a layer have the same
        direction.

    Raises
    ------
    MatrixError
        The layers do not share their rows, a value is not finite, or there are not k other rows.
    """
    return _all_pairs(a, b, k, most_rows, seed, _mutual_share)


def cknna(
    a: Layers, b: Layers, k: int = 10, most_rows: int = 3000, seed: int = 0
) -> Float64[np.ndarray, "layers_a layers_b"]:
    """Return CKA whose kernels are set to 0 except between mutual nearest neighbours.

    Parameters and errors are those of :func:`mutual_neighbours`.

    Returns
    -------
    float64 array [shape=(layers_a, layers_b)]
        NaN there too, with fewer than 4 rows, and where a layer's alignment with itself is not
        positive.
        The masked kernels are not symmetric, so exchanging a and b changes the value a little.
    """
    return _all_pairs(a, b, k, most_rows, seed, _cknna)


def _all_pairs(
    a: Layers,
    b: Layers,
    k: int,
    most_rows: int,
    seed: int,
    measure: Callable[[_Graph, _Graph], float],
) -> Float64[np.ndarray, "layers_a layers_b"]:
    layers_a, layers_b = paired_layers(a, b)
    rows = sampled_rows(len(layers_a[0]), most_rows, seed)
    graphs_a, graphs_b = (
        [_graph(layer, rows, k) for layer in layers] for layers in (layers_a, layers_b)
    )
    return np.array(
        [[measure(x, y) if x.differs and y.differs else np.nan for y in graphs_b] for x in graphs_a]
    )


def _graph(layer: CentredLayer, rows: Int64[np.ndarray, " sampled"], k: int) -> _Graph:
    unit = unit_rows(layer.values[rows])
    return _Graph(unit, nearest_rows(unit, k))


def _mutual_share(x: _Graph, y: _Graph) -> float:
    return float(shared_neighbours(x.nearest, y.nearest).mean())


def _cknna(x: _Graph, y: _Graph) -> float:
    own_x, own_y = _masked_hsic(x, x), _masked_hsic(y, y)
    if not (own_x > 0 and own_y > 0):
        return np.nan
    return float(_masked_hsic(x, y) / np.sqrt(own_x * own_y))


def _masked_hsic(x: _Graph, y: _Graph) -> float:
    """Return the unbiased HSIC (Song et al. 2012) of two kernels of which few entries are kept."""
    rows = len(x.unit)
    if rows < FEWEST_ROWS:
        return np.nan
    left, position = np.nonzero(shared_neighbours(x.nearest, y.nearest))
    right = x.nearest[left, position]
    k, m = (np.vecdot(graph.unit[left], graph.unit[right]) for graph in (x, y))
    # The mask is not symmetric: an entry meets its transpose only where that is kept too.
    both = np.isin(left * rows + right, right * rows + left)
    columns = np.bincount(right, k, minlength=rows)
    lines = np.bincount(left, m, minlength=rows)
    total = np.vdot(k[both], m[both])
    total += k.sum() * m.sum() / ((rows - 1) * (rows - 2)) - 2 * columns @ lines / (rows - 2)
    return float(total / (rows * (rows - 3)))
