"""Mutual k-nearest neighbours and CKNNA of all pairs of two models' layers (Huh et al. 2024).

Both are defined by the authors' code (``metrics.py`` of minyoungg/platonic-rep), on rows of
length 1; their clipping of outliers is left out. Tokens of one word type are neighbours in every
model that tells words apart: to ask for more, compare type means.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from jaxtyping import Float64, Int64

from pipeline.similarity.centring import CentredLayer, Layers
from pipeline.similarity.cross_statistics import FEWEST_ROWS
from pipeline.similarity.neighbours import nearest_rows, shared_neighbours, unit_rows
from pipeline.similarity.pairing import paired_layers, sampled_rows
from pipeline.similarity.processor import Processor

_SAME = 1e-12
_DOUBLE = Processor(np, "float64")


@dataclass(frozen=True, eq=False)
class _Graph:
    """Which rows of one layer are near which, and how near.

    Attributes
    ----------
    nearest : int64 array [shape=(rows, k)]
    cosines : float64 array [shape=(rows, k)]
        Of each row and its neighbours.
    differs : bool
        Whether rows have different directions, rounding aside.
    """

    nearest: Int64[np.ndarray, "rows k"]
    cosines: Float64[np.ndarray, "rows k"]
    differs: bool


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
    graphs_a, graphs_b = _graphs(a, b, k, most_rows, seed)
    return _of_pairs(graphs_a, graphs_b, _mutual_share)


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
    graphs_a, graphs_b = _graphs(a, b, k, most_rows, seed)
    own_a, own_b = (
        np.sqrt([_positive(_masked_hsic(graph, graph)) for graph in graphs])
        for graphs in (graphs_a, graphs_b)
    )
    return _of_pairs(graphs_a, graphs_b, _masked_hsic) / np.outer(own_a, own_b)


def _graphs(
    a: Layers, b: Layers, k: int, most_rows: int, seed: int
) -> tuple[list[_Graph], list[_Graph]]:
    layers_a, layers_b = paired_layers(a, b)
    rows = sampled_rows(len(layers_a[0]), most_rows, seed)
    with _DOUBLE.threads() as threads:
        found = list(threads.map(partial(_graph, rows=rows, k=k), [*layers_a, *layers_b]))
    return found[: len(layers_a)], found[len(layers_a) :]


def _graph(layer: CentredLayer, rows: Int64[np.ndarray, " sampled"], k: int) -> _Graph:
    unit = unit_rows(layer.values[rows])
    nearest = nearest_rows(unit, k)
    cosines = [np.vecdot(unit, unit[neighbour]) for neighbour in nearest.T]
    return _Graph(nearest, np.stack(cosines, axis=1), bool(np.abs(unit - unit[0]).max() > _SAME))


def _of_pairs(
    a: Sequence[_Graph], b: Sequence[_Graph], measure: Callable[[_Graph, _Graph], float]
) -> Float64[np.ndarray, "layers_a layers_b"]:
    return np.array([[measure(x, y) if x.differs and y.differs else np.nan for y in b] for x in a])


def _mutual_share(x: _Graph, y: _Graph) -> float:
    return float(shared_neighbours(x.nearest, y.nearest).mean())


def _positive(own: float) -> float:
    return own if own > 0 else np.nan


def _masked_hsic(x: _Graph, y: _Graph) -> float:
    """Return the unbiased HSIC (Song et al. 2012) of two kernels of which few entries are kept."""
    rows = len(x.nearest)
    if rows < FEWEST_ROWS:
        return np.nan
    same = x.nearest[:, :, np.newaxis] == y.nearest[:, np.newaxis, :]
    left, place_x, place_y = np.nonzero(same)
    right = x.nearest[left, place_x]
    k, m = x.cosines[left, place_x], y.cosines[left, place_y]
    # The mask is not symmetric: an entry meets its transpose only where that is kept too.
    both = np.isin(left * rows + right, right * rows + left)
    columns = np.bincount(right, k, minlength=rows)
    lines = np.bincount(left, m, minlength=rows)
    total = np.vdot(k[both], m[both])
    total += k.sum() * m.sum() / ((rows - 1) * (rows - 2)) - 2 * columns @ lines / (rows - 2)
    return float(total / (rows * (rows - 3)))
