"""Matrices of words, one a layer, whose rows two models share."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from cache import Key, Store
from pipeline.errors import MatrixError
from pipeline.words.rows import Rows
from pipeline.words.storage import WordEmbeddings

MATRIX_VERSION = 1


@dataclass(frozen=True, eq=False)
class WordMatrix:
    """The vectors of one model for the rows of a comparison.

    Attributes
    ----------
    layers : tuple of float32 array [shape=(rows, dim)]
        Memory-mapped where they come from the store.
    rows : Rows
        What each row is.
    """

    layers: tuple[Float32[np.ndarray, "rows dim"], ...]
    rows: Rows

    def __post_init__(self) -> None:
        for layer in self.layers:
            if len(layer) != len(self.rows):
                raise MatrixError(f"a layer has {len(layer)} rows; its list has {len(self.rows)}")


def check_same_rows(a: WordMatrix, b: WordMatrix) -> None:
    """Raise MatrixError unless both matrices hold the same words in the same order."""
    if a.rows.digest != b.rows.digest:
        raise MatrixError(
            f"the matrices have different rows ({len(a.rows)} with digest {a.rows.digest[:12]}, "
            f"{len(b.rows)} with digest {b.rows.digest[:12]}); build both from the same row list"
        )


def gather(
    embeddings: Mapping[str, WordEmbeddings], rows: Rows, layer: int
) -> Float32[np.ndarray, "rows dim"]:
    """Return one layer's vectors in the order of `rows`.

    Raises
    ------
    MatrixError
        If a row has no vector.
    """
    chunks = []
    for name, indices in _by_utterance(rows):
        if name not in embeddings:
            raise MatrixError(f"utterance {name}: the row list names it, but it has no vectors")
        found = embeddings[name]
        known = found.token_ids
        positions = np.searchsorted(known, indices)
        if np.any(positions >= len(known)) or np.any(known[positions] != indices):
            raise MatrixError(f"utterance {name}: a row of the list has no vector")
        chunks.append(np.asarray(found.vectors[layer, positions]))
    if not chunks:
        raise MatrixError("no word is left: every one lacks a time, a frame or a token")
    return np.concatenate(chunks)


def _by_utterance(rows: Rows) -> list[tuple[str, np.ndarray]]:
    """Split the rows where the utterance changes."""
    names = np.array(rows.utterances)
    starts = np.flatnonzero(np.r_[True, names[1:] != names[:-1]][: len(names)])
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
    layer_count = len(next(iter(embeddings.values())).vectors) if embeddings else 0
    layers = []
    for layer in range(layer_count):
        inputs = {"embeddings": content, "rows": rows.digest, "layer": layer}
        key = Key("matrix", MATRIX_VERSION, inputs)
        record = store.get(key)
        if record is None:
            store.put(key, {"matrix": gather(embeddings, rows, layer)}, None, labels)
            record = store.get(key)
        if record is None:
            raise MatrixError("a matrix vanished from the store while it was in use; try again")
        layers.append(record.arrays["matrix"])
    return WordMatrix(tuple(layers), rows)
