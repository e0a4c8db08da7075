"""Matrices of words, one a layer, whose rows two models share."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float16, Float32

from cache import Key, Store
from cache.writing import RowWriter
from pipeline.errors import MatrixError
from pipeline.words.rows import Rows, first_difference
from pipeline.words.storage import Vectors, WordEmbeddings

MATRIX_VERSION = 1


@dataclass(frozen=True, eq=False)
class WordMatrix:
    """The vectors of one model for the rows of a comparison.

    Attributes
    ----------
    layers : tuple of float32 (or float16) array [shape=(rows, dim)]
        Memory-mapped where they come from the store.
    rows : Rows
        What each row is.
    """

    layers: tuple[Float32[np.ndarray, "rows dim"] | Float16[np.ndarray, "rows dim"], ...]
    rows: Rows

    def __post_init__(self) -> None:
        for layer in self.layers:
            if len(layer) != len(self.rows):
                raise MatrixError(f"a layer has {len(layer)} rows; its list has {len(self.rows)}")


def check_same_rows(a: WordMatrix, b: WordMatrix) -> None:
    """Raise MatrixError unless both matrices hold the same words in the same order."""
    if (difference := first_difference(a.rows, b.rows)) is not None:
        raise MatrixError(f"{difference}; build both matrices from the same row list")


def vectors_of(embeddings: Mapping[str, WordEmbeddings], rows: Rows) -> Iterator[Vectors]:
    """Yield the vectors of `rows`, in their order, an utterance at a time.

    Raises
    ------
    MatrixError
        If a row has no vector, or there is no row.
    """
    if not len(rows):
        raise MatrixError("no word is left: every one lacks a time, a frame or a token")
    for name, indices in _by_utterance(rows):
        if name not in embeddings:
            raise MatrixError(f"utterance {name}: the row list names it, but it has no vectors")
        found = embeddings[name]
        known = found.token_ids
        positions = np.searchsorted(known, indices)
        if np.any(positions >= len(known)) or np.any(known[positions] != indices):
            raise MatrixError(f"utterance {name}: a row of the list has no vector")
        yield np.asarray(found.vectors[:, positions])


def _by_utterance(rows: Rows) -> list[tuple[str, np.ndarray]]:
    """Split the rows where the utterance changes."""
    names = np.array(rows.utterances)
    starts = np.flatnonzero(np.r_[True, names[1:] != names[:-1]])
    return [
        (str(names[start]), indices)
        for start, indices in zip(starts, np.split(rows.indices, starts[1:]), strict=False)
    ]


def stored_matrix(
    store: Store,
    embedding_keys: Sequence[Key],
    embeddings: Mapping[str, WordEmbeddings],
    rows: Rows,
    labels: Mapping[str, str],
) -> WordMatrix:
    """Return a model's matrices, memory-mapped from the store; written there if missing.

    Parameters
    ----------
    embedding_keys : sequence of Key
        Of the utterances in `rows`: with the rows themselves, what the matrix is made of.
    """
    content = hashlib.sha256("".join(key.digest for key in embedding_keys).encode()).hexdigest()
    first = next(iter(embeddings.values())).vectors
    keys = [
        Key("matrix", MATRIX_VERSION, {"embeddings": content, "rows": rows.digest, "layer": layer})
        for layer in range(len(first))
    ]
    if store.missing(keys):
        _write_layers(store, keys, embeddings, rows, labels)
    records = [store.get(key) for key in keys]
    layers = [record.arrays["matrix"] for record in records if record is not None]
    if len(layers) < len(keys):
        raise MatrixError("a matrix vanished from the store while it was in use; try again")
    return WordMatrix(tuple(layers), rows)


def _write_layers(
    store: Store,
    keys: Sequence[Key],
    embeddings: Mapping[str, WordEmbeddings],
    rows: Rows,
    labels: Mapping[str, str],
) -> None:
    """Write every layer's matrix in one pass over the utterances, of which one is held at a time.

    All of them again if one is missing: an utterance's layers lie in one record.
    """
    with ExitStack() as opened:
        writers: list[RowWriter] = []
        for vectors in vectors_of(embeddings, rows):
            if not writers:
                layout = (vectors.dtype, (len(rows), vectors.shape[2]))
                writers = [
                    opened.enter_context(store.row_writer(key, "matrix", *layout, labels=labels))
                    for key in keys
                ]
            for writer, layer in zip(writers, vectors, strict=True):
                writer.append(layer)
