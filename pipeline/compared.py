"""The rows that two models meet on: selected, and what of their vectors is compared.

Derived matrices lie in files without a name, on the store's disk: as large as the layers
themselves, they need not fit into memory, and vanish with whoever made them.
"""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Int64, Real

from pipeline.errors import MatrixError
from pipeline.similarity.centring import BLOCK_ROWS, row_blocks
from pipeline.similarity.row_settings import RowSettings, Values
from pipeline.similarity.row_transforms import (
    Groups,
    group_means,
    without_controls,
    without_group_means,
)
from pipeline.words.matrix import WordMatrix
from pipeline.words.rows import Rows

Layer = Real[np.ndarray, "_ dim"]


def compared_matrix(
    matrix: WordMatrix, settings: RowSettings, controls: Sequence[WordMatrix], folder: Path
) -> WordMatrix:
    """Return what is compared of a model's vectors.

    Parameters
    ----------
    matrix : WordMatrix
    settings : RowSettings
    controls : sequence of WordMatrix
        Over the same rows: what is regressed out, all layers of each.
    folder : Path
        On whose disk derived matrices lie.

    Returns
    -------
    WordMatrix
        The layers themselves where nothing is asked for. Rows of type means are in the order of
        the types; each is named by the first token of its type.

    Raises
    ------
    MatrixError
        If the selection leaves no row, or the disk has no room.
    """
    kept = positions(settings, matrix.rows)
    as_they_are = np.array_equal(kept, np.arange(len(matrix.rows)))
    tokens = matrix.rows.take(kept)
    known = np.empty((len(kept), 0))
    if controls:
        known = np.hstack([layer[kept] for control in controls for layer in control.layers])

    def derived(layer: Layer) -> Layer:
        if not as_they_are:
            layer = _selected(layer, kept, folder)
        if controls:
            layer = without_controls(layer, known, out=scratch(layer.shape, folder))
        return _values(layer, settings.values, tokens, folder)

    rows = tokens
    if settings.values == "type means":
        rows = tokens.take(Groups.of(tokens.words).first)
    return WordMatrix(tuple(map(derived, matrix.layers)), rows)


def _values(layer: Layer, values: Values, tokens: Rows, folder: Path) -> Layer:
    if values == "tokens":
        return layer
    if values == "type means":
        return group_means(layer, tokens.words).astype(np.float32)
    labels = tokens.words if values == "within type" else tokens.speakers
    return without_group_means(layer, labels, out=scratch(layer.shape, folder))


def positions(settings: RowSettings, rows: Rows) -> Int64[np.ndarray, " kept"]:
    """Return which of the rows are compared, in the order in which they are.

    Raises
    ------
    MatrixError
        If none is left.
    """
    kept = np.flatnonzero(settings.selection.kept(rows))
    if not len(kept):
        raise MatrixError(
            f"of {len(rows):,} tokens, none is left by the selection: {settings.selection}; "
            "choose wider limits"
        )
    return _alphabetical(kept, rows) if settings.alphabetical else kept


def _alphabetical(kept: Int64[np.ndarray, " kept"], rows: Rows) -> Int64[np.ndarray, " kept"]:
    """Sort the tokens of each utterance by word."""
    names = np.array(rows.utterances)[kept]
    utterance = np.cumsum(np.r_[False, names[1:] != names[:-1]])
    return kept[np.lexsort((np.array(rows.words)[kept], utterance))]


def _selected(layer: Layer, kept: Int64[np.ndarray, " kept"], folder: Path) -> Layer:
    out = scratch((len(kept), layer.shape[1]), folder, layer.dtype.name)
    for block in row_blocks(len(kept), BLOCK_ROWS):
        out[block] = layer[kept[block]]
    return out


def scratch(shape: tuple[int, ...], folder: Path, dtype: str = "float32") -> np.ndarray:
    """Return an array in a file without a name.

    Raises
    ------
    MatrixError
        If the disk has no room.
    """
    size_bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
    with tempfile.TemporaryFile(dir=folder) as file:
        try:
            # What a disk has no room for would end the process when it is written.
            os.posix_fallocate(file.fileno(), 0, max(size_bytes, 1))
        except OSError as error:
            raise MatrixError(
                f"{folder} has no room for {size_bytes / 1e6:,.0f} MB of selected or changed "
                f"vectors ({error.strerror}); free some"
            ) from error
        return np.memmap(file, dtype, "r+", shape=shape)
