"""What each row of a word matrix is, so that two models meet on the same words only."""

import csv
import hashlib
import json
import sys
from array import array
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float64, Int32, Int64

from pipeline.alignments.spelling import comparable
from pipeline.corpus.utterance import Corpus, Utterance
from pipeline.errors import MatrixError
from pipeline.settings import Unit
from pipeline.time_axis import Interval


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a matrix: one spoken word in one utterance each.

    Attributes
    ----------
    utterances : tuple of str
        Utterance id of each row.
    indices : int32 array [shape=(rows,)]
        Index of the word in its transcript (or of the phone in its utterance).
    words : tuple of str
        In the form in which two words are compared: without capitals and punctuation.
    speakers : tuple of str
    start, end : float64 array [shape=(rows,)]
        Seconds from the start of the recording.
    """

    utterances: tuple[str, ...]
    indices: Int32[np.ndarray, " rows"]
    words: tuple[str, ...]
    speakers: tuple[str, ...]
    start: Float64[np.ndarray, " rows"]
    end: Float64[np.ndarray, " rows"]

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of which words these are, in order; matrices meet only if theirs are equal."""
        identity = [self.utterances, self.indices.tolist(), self.words]
        return hashlib.sha256(json.dumps(identity).encode()).hexdigest()

    def select(self, kept: Bool[np.ndarray, " rows"]) -> "Rows":
        """Return the rows where `kept` is true."""
        return self.take(np.flatnonzero(kept))

    def take(self, positions: Int64[np.ndarray, " taken"]) -> "Rows":
        """Return the rows at some positions, in the order of the positions."""
        listed = positions.tolist()
        return Rows(
            tuple(self.utterances[i] for i in listed),
            self.indices[positions],
            tuple(self.words[i] for i in listed),
            tuple(self.speakers[i] for i in listed),
            self.start[positions],
            self.end[positions],
        )

    def among(self, others: "Rows") -> Bool[np.ndarray, " rows"]:
        """Return which of these rows are among others too."""
        known = set(zip(others.utterances, others.indices.tolist(), strict=True))
        tokens = zip(self.utterances, self.indices.tolist(), strict=True)
        return np.array([token in known for token in tokens], dtype=np.bool_)

    def write_csv(self, path: Path) -> None:
        """Write the rows as a table: utterance, index, word, speaker, start_s, end_s."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["utterance", "index", "word", "speaker", "start_s", "end_s"])
            columns = (self.utterances, self.indices, self.words, self.speakers)
            writer.writerows(zip(*columns, self.start, self.end, strict=True))


def spoken_rows(corpus: Corpus, unit: Unit, utterances: Collection[str]) -> Rows:
    """Return a row for every word (or phone) of the named utterances whose time is known."""
    names, labels, speakers = [], [], []
    indices, starts, ends = array("i"), array("d"), array("d")
    for utterance in corpus.utterances:
        if utterance.id not in utterances:
            continue
        for index, interval in enumerate(utterance.units(unit)[1]):
            if interval is not None:
                names.append(utterance.id)
                # One string a type, not one a token.
                labels.append(sys.intern(_label(utterance, index, interval, unit)))
                speakers.append(utterance.speaker)
                indices.append(index)
                starts.append(interval.start)
                ends.append(interval.end)
    return Rows(
        tuple(names),
        np.array(indices, dtype=np.int32),
        tuple(labels),
        tuple(speakers),
        np.array(starts, dtype=np.float64),
        np.array(ends, dtype=np.float64),
    )


def _label(utterance: Utterance, index: int, interval: Interval, unit: Unit) -> str:
    # The transcript's word, not the alignment's; capitals and punctuation make no other type.
    return comparable(utterance.words[index]) if unit == "word" else interval.label


def rows_with(rows: Rows, token_ids: Mapping[str, Collection[int]]) -> Rows:
    """Return the rows whose word has a vector, given the word indices of each utterance."""
    known = {utterance: frozenset(ids) for utterance, ids in token_ids.items()}
    pairs = zip(rows.utterances, rows.indices.tolist(), strict=True)
    return rows.select(
        np.array([index in known.get(name, ()) for name, index in pairs], dtype=np.bool_)
    )


def first_difference(a: Rows, b: Rows) -> str | None:
    """Say in words where two lists of rows first differ, or return None."""
    for position in range(max(len(a), len(b))):
        in_a, in_b = _named(a, position), _named(b, position)
        if in_a != in_b:
            return f"row {position} (counted from 0) is {in_a} in a, and {in_b} in b"
    return None


def _named(rows: Rows, position: int) -> str:
    if position >= len(rows):
        return "missing"
    index, word = int(rows.indices[position]), rows.words[position]
    return f"word {index} of {rows.utterances[position]} ({word})"


def rows_listed(rows: Rows, path: Path) -> Rows:
    """Return the rows that a word list names.

    Parameters
    ----------
    path : Path
        JSON: utterance id -> list of words; each stands for its first occurrence, in the
        utterance's order. Ids may end in ``.json``, as in the original study's lists.

    Raises
    ------
    MatrixError
        If the file is not such a list.
    """
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
        wanted = {
            name.removesuffix(".json"): set(map(comparable, _listed(words)))
            for name, words in listed.items()
        }
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise MatrixError(
            f"{path}: expected JSON that maps utterance ids to lists of words ({error})"
        ) from error
    seen: set[tuple[str, str]] = set()
    kept = np.zeros(len(rows), dtype=np.bool_)
    for position, token in enumerate(zip(rows.utterances, rows.words, strict=True)):
        name, word = token
        kept[position] = word in wanted.get(name, ()) and token not in seen
        seen.add(token)
    return rows.select(kept)


def _listed(words: object) -> list[str]:
    if not isinstance(words, list):
        raise TypeError(f"expected a list of words, found {words!r}")
    return words
