"""Static word vectors: the same for a word wherever it stands."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from pipeline.alignments.spelling import comparable
from pipeline.errors import ModelError
from pipeline.models.extractor import TextExtraction
from pipeline.models.spec import ModelSpec
from pipeline.models.vector_file import VectorFile

Vector = Float32[np.ndarray, " dims"]


class StaticVectors:
    """Looks each word of a transcript up; one that the file does not know is missing, not zero.

    Parameters
    ----------
    spec : ModelSpec
    file : VectorFile
    """

    def __init__(self, spec: ModelSpec, file: VectorFile) -> None:
        self.spec = spec
        self._keeps_case = spec.options.get("case") == "keep"
        # A corpus repeats most of its words.
        self._find = lru_cache(maxsize=100_000)(file.find)

    def extract_text(self, words: Sequence[str]) -> TextExtraction:
        """Return one token for each word that has a vector.

        Raises
        ------
        ModelError
            If the file has changed or is damaged.
        """
        spans = np.zeros((len(words), 2), dtype=np.int64)
        vectors: list[Vector] = []
        tokens = []
        for index, word in enumerate(words):
            vector = self._look_up(word)
            if vector is not None:
                spans[index] = len(vectors), len(vectors) + 1
                vectors.append(vector)
                tokens.append(word)
        layer = np.array(vectors, dtype=np.float32).reshape(-1, self.spec.dims)
        return TextExtraction([layer], spans, tuple(tokens))

    def _look_up(self, word: str) -> Vector | None:
        spellings = [word, comparable(word)] if self._keeps_case else [comparable(word)]
        found = (self._find(spelling) for spelling in spellings)
        return next((vector for vector in found if vector is not None), None)


def load(spec: ModelSpec, _device: str) -> StaticVectors:
    """Return the vectors in the file ``spec.source``; they need no device."""
    file = VectorFile(Path(spec.source))
    if file.layout.dims != spec.dims:
        raise ModelError(f"{spec.source}: has {file.layout.dims} dimensions, expected {spec.dims}")
    return StaticVectors(spec, file)
