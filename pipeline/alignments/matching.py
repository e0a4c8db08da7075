"""Which interval belongs to which word of the transcript: by sequence, never by position.

The matching is a longest common subsequence (Wagner and Fischer, 1974). Often several are equally
long, as when the transcript says "very very good" and the alignment knows one "very". Only pairs
that all of them share are kept; the others are left out.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int32

from pipeline.time_axis import Interval

_APOSTROPHES = str.maketrans(dict.fromkeys("\u2019\u2018\u02bc\u00b4\u0060\uff07", "'"))


@dataclass(frozen=True)
class Matching:
    """The outcome for one recording.

    Attributes
    ----------
    intervals : tuple of (Interval or None)
        One for each word of the transcript.
    unmatched_words : tuple of int
        Indices of the words without an interval.
    unmatched_intervals : tuple of Interval
        What no word of the transcript was given.
    """

    intervals: tuple[Interval | None, ...]
    unmatched_words: tuple[int, ...]
    unmatched_intervals: tuple[Interval, ...]


def match_words(transcript: Sequence[str], intervals: Sequence[Interval]) -> Matching:
    """Give each word of the transcript its interval, where there is no doubt which.

    Parameters
    ----------
    transcript : sequence of str
    intervals : sequence of Interval
        In the order of time; labels are compared by :func:`comparable`.

    Examples
    --------
    >>> one, two = Interval("very", 0.0, 0.2), Interval("good", 0.2, 0.5)
    >>> match_words(["Very", "good!"], [one, two]).unmatched_words
    ()
    >>> match_words(["very", "very", "good"], [one, two]).unmatched_words
    (0, 1)
    """
    pairs = _certain_pairs(_equal(transcript, [interval.label for interval in intervals]))
    words = range(len(transcript))
    used = set(pairs.values())
    return Matching(
        tuple(intervals[pairs[word]] if word in pairs else None for word in words),
        tuple(word for word in words if word not in pairs),
        tuple(interval for index, interval in enumerate(intervals) if index not in used),
    )


def comparable(label: str) -> str:
    """Return a label without case, compatibility forms and surrounding punctuation.

    Examples
    --------
    >>> comparable("\u201cDon\u2019t!\u201d")
    "don't"
    """
    unified = unicodedata.normalize("NFKC", label.translate(_APOSTROPHES)).casefold()
    characters = unicodedata.normalize("NFKC", unified)
    spoken = [index for index, character in enumerate(characters) if not _is_edge(character)]
    return characters[spoken[0] : spoken[-1] + 1] if spoken else ""


def _is_edge(character: str) -> bool:
    return unicodedata.category(character)[0] in "PSZC"


def _equal(words: Sequence[str], labels: Sequence[str]) -> Bool[np.ndarray, "words intervals"]:
    codes = {"": 0}
    rows, columns = (
        np.array([codes.setdefault(comparable(item), len(codes)) for item in items], dtype=np.int32)
        for items in (words, labels)
    )
    equal: Bool[np.ndarray, "words intervals"] = (rows[:, None] == columns) & (rows[:, None] > 0)
    return equal


def _certain_pairs(equal: Bool[np.ndarray, "words intervals"]) -> dict[int, int]:
    """Return word -> interval for the pairs that every longest matching holds.

    The k-th pair of any longest matching has k - 1 matches before it and all others after it. A
    pair is therefore in every one of them if it is the only such pair of its k.
    """
    before = _longest(equal)[:-1, :-1]
    after = _longest(equal[::-1, ::-1])[::-1, ::-1]
    longest = after[0, 0]
    words, intervals = np.nonzero(equal & (before + 1 + after[1:, 1:] == longest))
    _, first, count = np.unique(before[words, intervals], return_index=True, return_counts=True)
    certain = first[count == 1]
    return dict(zip(words[certain].tolist(), intervals[certain].tolist(), strict=True))


def _longest(
    equal: Bool[np.ndarray, "words intervals"],
) -> Int32[np.ndarray, "words+1 intervals+1"]:
    """Return the length of the longest matching of the first i words and j intervals."""
    lengths = np.zeros((equal.shape[0] + 1, equal.shape[1] + 1), dtype=np.int32)
    for word, row in enumerate(equal):
        best = np.maximum(lengths[word, 1:], lengths[word, :-1] + row)
        lengths[word + 1, 1:] = np.maximum.accumulate(best)
    return lengths
