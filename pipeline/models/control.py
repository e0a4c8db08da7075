"""Controls: word vectors that know only which word they stand for."""

import hashlib
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32

from pipeline.errors import ModelError
from pipeline.models.spec import ModelSpec


def control_vectors(
    spec: ModelSpec, words: Sequence[str]
) -> Float32[np.ndarray, "layers rows dim"]:
    """Return a control's vectors for the words of all rows, repeated words included.

    ``control:onehot`` has one dimension for each distinct word, in sorted order.
    ``control:lookup`` draws a Gaussian vector from the word and the seed alone, the same in every
    process and corpus. Two lookups share no geometry, so whatever similarity they show comes from
    repeated words.

    Raises
    ------
    ModelError
        If `spec` is not a control.
    """
    base, seed = spec.name.partition("?")[0], int(spec.options.get("seed", 0))
    if base == "control:onehot":
        return _one_hot(words)[None]
    if base == "control:lookup":
        return _lookup(words, seed, spec.dims)[None]
    raise ModelError(f"{spec.name} is no control; expected control:onehot or control:lookup")


def _one_hot(words: Sequence[str]) -> Float32[np.ndarray, "rows types"]:
    types = {word: column for column, word in enumerate(sorted(set(words)))}
    vectors = np.zeros((len(words), len(types)), dtype=np.float32)
    vectors[np.arange(len(words)), [types[word] for word in words]] = 1
    return vectors


def _lookup(words: Sequence[str], seed: int, dims: int) -> Float32[np.ndarray, "rows dim"]:
    table = {word: _random_vector(word, seed, dims) for word in set(words)}
    return np.array([table[word] for word in words], dtype=np.float32).reshape(-1, dims)


def _random_vector(word: str, seed: int, dims: int) -> Float32[np.ndarray, " dim"]:
    digest = hashlib.sha256(f"{seed}:{word}".encode()).digest()
    generator = np.random.default_rng(int.from_bytes(digest))
    return generator.standard_normal(dims, dtype=np.float32)
