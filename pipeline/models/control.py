"""Controls: vectors that know one thing of a word, such as which it is, and nothing else."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, Float64

from pipeline.errors import ModelError
from pipeline.models.spec import ModelSpec

Layers = Float32[np.ndarray, "layers rows dim"]


@runtime_checkable
class SpokenWords(Protocol):
    """What a control may know of the rows: :class:`pipeline.words.rows.Rows`, for one."""

    @property
    def words(self) -> Sequence[str]:
        """The word of each row."""
        ...

    @property
    def speakers(self) -> Sequence[str]:
        """Who speaks it."""
        ...

    @property
    def start(self) -> Float64[np.ndarray, " rows"]:
        """Seconds from the start of the recording."""
        ...

    @property
    def end(self) -> Float64[np.ndarray, " rows"]:
        """Seconds from the start of the recording."""
        ...


def control_vectors(spec: ModelSpec, rows: SpokenWords) -> Layers:
    """Return a control's vectors for all rows, repeated words included.

    ``control:onehot`` has one dimension for each distinct word, in sorted order, and
    ``control:speaker`` one for each speaker. ``control:duration`` has how long the word is, in
    seconds, as one layer and the natural logarithm of it as another.
    ``control:lookup`` draws a Gaussian vector from the word and the seed alone, the same in every
    process and corpus. Two lookups share no geometry, so whatever similarity they show comes from
    repeated words.

    Raises
    ------
    ModelError
        If `spec` is not a control.
    """
    control = _CONTROLS.get(spec.name.partition("?")[0])
    if control is None:
        raise ModelError(f"{spec.name} is no control; expected {' or '.join(_CONTROLS)}")
    return control(spec, rows)


def _words(_spec: ModelSpec, rows: SpokenWords) -> Layers:
    return _one_hot(rows.words)[None]


def _speakers(_spec: ModelSpec, rows: SpokenWords) -> Layers:
    return _one_hot(rows.speakers)[None]


def _durations(_spec: ModelSpec, rows: SpokenWords) -> Layers:
    seconds = rows.end - rows.start
    return np.stack([seconds, np.log(seconds)])[:, :, None].astype(np.float32)


def _lookup(spec: ModelSpec, rows: SpokenWords) -> Layers:
    seed = int(spec.options.get("seed", 0))
    table = {word: _random_vector(word, seed, spec.dims) for word in set(rows.words)}
    vectors = np.array([table[word] for word in rows.words], dtype=np.float32)
    return vectors.reshape(1, -1, spec.dims)


_CONTROLS: Mapping[str, Callable[[ModelSpec, SpokenWords], Layers]] = {
    "control:onehot": _words,
    "control:speaker": _speakers,
    "control:duration": _durations,
    "control:lookup": _lookup,
}


def _one_hot(labels: Sequence[str]) -> Float32[np.ndarray, "rows types"]:
    types = {label: column for column, label in enumerate(sorted(set(labels)))}
    vectors = np.zeros((len(labels), len(types)), dtype=np.float32)
    vectors[np.arange(len(labels)), [types[label] for label in labels]] = 1
    return vectors


def _random_vector(word: str, seed: int, dims: int) -> Float32[np.ndarray, " dim"]:
    digest = hashlib.sha256(f"{seed}:{word}".encode()).digest()
    generator = np.random.default_rng(int.from_bytes(digest))
    return generator.standard_normal(dims, dtype=np.float32)
