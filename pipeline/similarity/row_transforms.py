"""Layers of type means, and layers from which types, speakers or other controls are removed."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int64, Real

from pipeline.errors import MatrixError
from pipeline.similarity.centring import BLOCK_ROWS, check_finite, row_blocks

Labels = Sequence[Hashable] | np.ndarray


@dataclass(frozen=True, eq=False)
class Groups:
    """Which rows belong together.

    Attributes
    ----------
    names : tuple
        Of the groups, in order.
    group_of : int64 array [shape=(rows,)]
        Each row's place in `names`.
    first : int64 array [shape=(groups,)]
        Each group's first row.
    """

    names: tuple[Hashable, ...]
    group_of: Int64[np.ndarray, " rows"]
    first: Int64[np.ndarray, " groups"]

    @classmethod
    def of(cls, labels: Labels) -> "Groups":
        """Group rows that have the same label."""
        names, first, group_of = np.unique(
            np.asarray(labels), return_index=True, return_inverse=True
        )
        return cls(tuple(names.tolist()), group_of, first)


def group_means(
    layer: Real[np.ndarray, "rows dim"], labels: Labels
) -> Float64[np.ndarray, "groups dim"]:
    """Return the mean row of each group, such as a word type, in the order of ``Groups.of``.

    Parameters
    ----------
    layer : array [shape=(rows, dim)]
        Possibly memory-mapped; read a block at a time.
    labels : sequence [shape=(rows,)]
        What each row belongs to.

    Raises
    ------
    MatrixError
        Labels and layer do not share their rows, or a value is not finite.

    Examples
    --------
    >>> group_means(np.array([[1.0], [5.0], [3.0]]), ["the", "cat", "the"]).tolist()
    [[5.0], [2.0]]
    """
    groups = _groups(layer, labels)
    return layer[groups.first].astype(np.float64) + _means_less_first(layer, groups)


def without_group_means(
    layer: Real[np.ndarray, "rows dim"],
    labels: Labels,
    out: Float[np.ndarray, "rows dim"] | None = None,
) -> Float[np.ndarray, "rows dim"]:
    """Return each row less the mean of its group: within type, or within speaker.

    A group whose rows are all equal becomes exactly zero.

    Parameters
    ----------
    layer, labels
        As in :func:`group_means`.
    out : array [shape=(rows, dim)], optional
        Where to write, such as a memory map; by default a new float64 array.

    Raises
    ------
    MatrixError
        Labels and layer do not share their rows, or a value is not finite.
    """
    groups = _groups(layer, labels)
    firsts, means = layer[groups.first].astype(np.float64), _means_less_first(layer, groups)
    result = np.empty(layer.shape) if out is None else out
    for rows in row_blocks(len(layer), BLOCK_ROWS):
        group = groups.group_of[rows]
        result[rows] = layer[rows] - firsts[group] - means[group]
    return result


def without_controls(
    layer: Real[np.ndarray, "rows dim"],
    controls: Real[np.ndarray, "rows_c controls"],
    out: Float[np.ndarray, "rows dim"] | None = None,
) -> Float[np.ndarray, "rows dim"]:
    """Return what a linear regression on controls, with an intercept, leaves of each column.

    Parameters
    ----------
    layer : array [shape=(rows, dim)]
        Possibly memory-mapped; read a block at a time.
    controls : array [shape=(rows, controls)]
        Numbers known of each row, such as its duration; they may depend on each other.
    out : array [shape=(rows, dim)], optional
        Where to write, such as a memory map; by default a new float64 array.

    Raises
    ------
    MatrixError
        Controls and layer do not share their rows, or a value is not finite.
    """
    if len(controls) != len(layer):
        raise MatrixError(f"the controls have {len(controls)} rows, and the layer {len(layer)}")
    check_finite(controls, 0, "the controls")
    basis = _orthonormal(controls)
    explained = np.zeros((basis.shape[1], layer.shape[1]))
    for rows in row_blocks(len(layer), BLOCK_ROWS):
        check_finite(layer[rows], rows.start, "the layer")
        explained += basis[rows].T @ layer[rows].astype(np.float64)
    result = np.empty(layer.shape) if out is None else out
    for rows in row_blocks(len(layer), BLOCK_ROWS):
        result[rows] = layer[rows] - basis[rows] @ explained
    return result


def _orthonormal(controls: Real[np.ndarray, "rows controls"]) -> Float64[np.ndarray, "rows rank"]:
    """Return an orthonormal basis of what the controls and an intercept span."""
    centred = np.subtract(controls, controls[:1], dtype=np.float64)
    centred -= centred.mean(axis=0)
    scales = np.linalg.norm(centred, axis=0)
    centred = centred[:, scales > 0] / scales[scales > 0]
    left, found, _ = np.linalg.svd(centred, full_matrices=False)
    tolerance = found.max(initial=0) * max(centred.shape) * np.finfo(np.float64).eps
    intercept = np.full((len(controls), 1), len(controls) ** -0.5)
    return np.hstack([intercept, left[:, found > tolerance]])


def _groups(layer: Real[np.ndarray, "rows dim"], labels: Labels) -> Groups:
    if len(labels) != len(layer):
        raise MatrixError(f"{len(labels)} labels for {len(layer)} rows; expected one a row")
    return Groups.of(labels)


def _means_less_first(
    layer: Real[np.ndarray, "rows dim"], groups: Groups
) -> Float64[np.ndarray, "groups dim"]:
    """Return each group's mean of its rows less its first row: exactly 0 where all are equal."""
    firsts = layer[groups.first].astype(np.float64)
    totals = np.zeros_like(firsts)
    for rows in row_blocks(len(layer), BLOCK_ROWS):
        check_finite(layer[rows], rows.start, "the layer")
        group = groups.group_of[rows]
        order = np.argsort(group, stable=True)
        present, starts = np.unique(group[order], return_index=True)
        less_first = layer[rows][order] - firsts[group[order]]
        totals[present] += np.add.reduceat(less_first, starts, axis=0)
    return totals / np.bincount(groups.group_of)[:, np.newaxis]
