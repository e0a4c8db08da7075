"""Vectors of spoken words that were computed elsewhere, looked up by utterance and word."""

from pathlib import Path

import numpy as np

from pipeline.errors import ModelError
from pipeline.models.extractor import WordVectors
from pipeline.models.spec import ModelSpec
from pipeline.models.word_vector_file import WordRows, read_rows


class StoredWordVectors:
    """Looks an utterance's words up; one that the file does not have is missing, not zero.

    Parameters
    ----------
    spec : ModelSpec
    rows : WordRows
    """

    def __init__(self, spec: ModelSpec, rows: WordRows) -> None:
        self.spec = spec
        self._rows = rows
        self._positions: dict[str, list[int]] = {}
        for position, name in enumerate(rows.utterances):
            self._positions.setdefault(name, []).append(position)

    def vectors_of(self, utterance_id: str, word_count: int) -> WordVectors:
        """Return what the file has of an utterance, which may be nothing.

        Raises
        ------
        ModelError
            If it has words that the transcript does not, or a value is not finite.
        """
        positions = np.array(self._positions.get(utterance_id, []), dtype=np.int64)
        positions = positions[np.argsort(self._rows.words[positions])]
        word_ids = self._rows.words[positions].astype(np.int32)
        if word_ids.size and word_ids[-1] >= word_count:
            raise ModelError(
                f"{self.spec.name}: has a word {word_ids[-1]} of {utterance_id}, whose transcript "
                f"has words 0 to {word_count - 1}; was it made from another transcript?"
            )
        vectors = self._rows.vectors[:, positions]
        if not np.isfinite(vectors).all():
            raise ModelError(f"{self.spec.name}: a vector of {utterance_id} is not finite")
        return WordVectors(vectors, word_ids)


def load(spec: ModelSpec, _device: str) -> StoredWordVectors:
    """Return the vectors in the file ``spec.source``; they need no device."""
    return StoredWordVectors(spec, read_rows(Path(spec.source)))
