"""Which tokens are compared: by occurrence, frequency, duration, vocabulary, or by lot."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float64

from pipeline.errors import SettingsError
from pipeline.similarity.pairing import sampled_rows

T = TypeVar("T")


@runtime_checkable
class Tokens(Protocol):
    """What each row is; :class:`pipeline.words.rows.Rows` is one."""

    @property
    def utterances(self) -> Sequence[str]:
        """Utterance id of each row."""

    @property
    def words(self) -> Sequence[str]:
        """Word type of each row."""

    @property
    def start(self) -> Float64[np.ndarray, " rows"]:
        """In seconds."""

    @property
    def end(self) -> Float64[np.ndarray, " rows"]:
        """In seconds."""


@dataclass(frozen=True)
class RowSelection:
    """Which of some tokens are compared; all of them by default.

    Filters come first, each on all tokens: vocabulary, duration and frequency. Of what they leave,
    first occurrences are kept, then at most some tokens a type, then a sample.

    Attributes
    ----------
    first_occurrence : bool
        Only a word's first token in each utterance, as in the original study.
    most_per_type : int or None
        At most so many tokens of a word type, drawn at random.
    fewest_of_type, most_of_type : int or None
        Only types with so many tokens.
    shortest_s : float
    longest_s : float or None
        Only tokens of such a duration, both included.
    vocabulary : tuple of str or None
        Only these word types.
    most_rows : int or None
        At most so many tokens, drawn at random.
    seed : int
        What is drawn.
    """

    first_occurrence: bool = False
    most_per_type: int | None = None
    fewest_of_type: int = 1
    most_of_type: int | None = None
    shortest_s: float = 0.0
    longest_s: float | None = None
    vocabulary: tuple[str, ...] | None = None
    most_rows: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("most_per_type", "most_of_type", "most_rows"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise SettingsError(f"expected {name} of at least 1, or None, found {value}")
        if self.longest_s is not None and self.longest_s < self.shortest_s:
            raise SettingsError(
                f"no word lasts {self.shortest_s:g} s or longer and {self.longest_s:g} s or shorter"
            )
        if self.seed < 0:
            raise SettingsError(f"expected a seed of at least 0, found {self.seed}")

    def __str__(self) -> str:
        """Return the selection for people.

        Examples
        --------
        >>> str(RowSelection(first_occurrence=True, shortest_s=0.1, most_rows=1000))
        'first occurrences, 0.1 s or longer, a sample of 1000'
        """
        parts = {
            "first occurrences": self.first_occurrence,
            f"at most {self.most_per_type} tokens a type": self.most_per_type is not None,
            f"types of {self.fewest_of_type} tokens or more": self.fewest_of_type > 1,
            f"types of {self.most_of_type} tokens or fewer": self.most_of_type is not None,
            f"{self.shortest_s:g} s or longer": self.shortest_s > 0,
            f"{self.longest_s} s or shorter": self.longest_s is not None,
            f"{len(self.vocabulary or ())} chosen words": self.vocabulary is not None,
            f"a sample of {self.most_rows}": self.most_rows is not None,
        }
        return ", ".join(name for name, is_said in parts.items() if is_said) or "all tokens"

    def kept(self, tokens: Tokens) -> Bool[np.ndarray, " rows"]:
        """Return which tokens are compared."""
        kept = duration_within(tokens.start, tokens.end, self.shortest_s, self.longest_s)
        kept &= frequency_within(tokens.words, self.fewest_of_type, self.most_of_type)
        if self.vocabulary is not None:
            kept &= in_vocabulary(tokens.words, self.vocabulary)
        if self.first_occurrence:
            names = list(zip(tokens.utterances, tokens.words, strict=True))
            kept = _narrowed(kept, first_occurrences(_taken(names, kept)))
        if self.most_per_type is not None:
            words = _taken(tokens.words, kept)
            kept = _narrowed(kept, at_most(words, self.most_per_type, self.seed))
        if self.most_rows is not None:
            drawn = np.zeros(int(kept.sum()), dtype=np.bool_)
            drawn[sampled_rows(len(drawn), self.most_rows, self.seed)] = True
            kept = _narrowed(kept, drawn)
        return kept


def duration_within(
    start_s: Float64[np.ndarray, " rows"],
    end_s: Float64[np.ndarray, " rows"],
    shortest_s: float = 0.0,
    longest_s: float | None = None,
) -> Bool[np.ndarray, " rows"]:
    """Return which tokens last so long, both limits included."""
    duration_s = end_s - start_s
    return (duration_s >= shortest_s) & (duration_s <= (inf if longest_s is None else longest_s))


def frequency_within(
    words: Sequence[str], fewest: int, most: int | None = None
) -> Bool[np.ndarray, " rows"]:
    """Return which tokens are of a type that has so many, both limits included."""
    counts = Counter(words)
    limit = inf if most is None else most
    return _mask(fewest <= counts[word] <= limit for word in words)


def in_vocabulary(words: Sequence[str], vocabulary: Collection[str]) -> Bool[np.ndarray, " rows"]:
    """Return which tokens are of these types."""
    known = frozenset(vocabulary)
    return _mask(word in known for word in words)


def first_occurrences(names: Iterable[Hashable]) -> Bool[np.ndarray, " rows"]:
    """Return where a name, such as a word in an utterance, comes for the first time.

    Examples
    --------
    >>> first_occurrences(["the", "cat", "the"]).tolist()
    [True, True, False]
    """
    listed = list(names)
    first = {name: row for row, name in reversed(list(enumerate(listed)))}
    return _mask(first[name] == row for row, name in enumerate(listed))


def at_most(
    words: Sequence[str], most: int, seed: int | Sequence[int]
) -> Bool[np.ndarray, " rows"]:
    """Return `most` tokens of each type, drawn at random; all where there are no more.

    With the same seed, a higher limit keeps all that a lower one does.

    Examples
    --------
    >>> int(at_most(["the", "cat", "the", "the"], 2, seed=0).sum())
    3
    """
    _, type_of = np.unique(np.asarray(words, dtype=np.str_), return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(type_of))
    # Stable: within a type, tokens stay in the order of the lot.
    order = order[np.argsort(type_of[order], stable=True)]
    starts = np.searchsorted(type_of[order], type_of[order])
    kept = np.empty(len(order), dtype=np.bool_)
    kept[order] = np.arange(len(order)) - starts < most
    return kept


def _mask(values: Iterable[bool]) -> Bool[np.ndarray, " rows"]:
    return np.fromiter(values, dtype=np.bool_)


def _taken(values: Sequence[T], kept: Bool[np.ndarray, " rows"]) -> list[T]:
    return [values[row] for row in np.flatnonzero(kept).tolist()]


def _narrowed(
    kept: Bool[np.ndarray, " rows"], of_these: Bool[np.ndarray, " kept"]
) -> Bool[np.ndarray, " rows"]:
    narrowed = np.zeros_like(kept)
    narrowed[np.flatnonzero(kept)[of_these]] = True
    return narrowed
