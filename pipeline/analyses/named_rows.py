"""Rows that a result names, so that whoever reads it can find and play them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64, Int32

from pipeline.words.rows import Rows


@dataclass(frozen=True, eq=False)
class NamedRows:
    """What each row is: a token, or a type that is named by its first token.

    Attributes
    ----------
    utterances : list of str
    indices : int32 array [shape=(rows,)]
        Of the word in its transcript.
    words, speakers : list of str
    start_s, end_s : float64 array [shape=(rows,)]
        From the start of the recording.
    """

    utterances: list[str]
    indices: Int32[np.ndarray, " rows"]
    words: list[str]
    speakers: list[str]
    start_s: Float64[np.ndarray, " rows"]
    end_s: Float64[np.ndarray, " rows"]


def columns_of(rows: Rows) -> dict[str, Any]:
    """Return the fields of :class:`NamedRows`."""
    return {
        "utterances": list(rows.utterances),
        "indices": rows.indices,
        "words": list(rows.words),
        "speakers": list(rows.speakers),
        "start_s": rows.start,
        "end_s": rows.end,
    }


def each_row(named: NamedRows) -> Iterator[dict[str, Any]]:
    """Yield each row in plain values: utterance, index, word, speaker, start_s and end_s."""
    names = ("utterance", "index", "word", "speaker", "start_s", "end_s")
    columns = (
        *(named.utterances, named.indices.tolist(), named.words, named.speakers),
        *(named.start_s.tolist(), named.end_s.tolist()),
    )
    for row in zip(*columns, strict=True):
        yield dict(zip(names, row, strict=True))
