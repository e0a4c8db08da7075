"""Which interval belongs to which word of the transcript: by sequence, never by position.

The matching is a longest common subsequence (Wagner and Fischer, 1974). Often several are equally
long, as when the transcript says "very very good" and the alignment knows one "very". Only pairs
that all of them share are kept; the others are left out.

Between two such pairs, words may be left whose time is certain all the same: those that the
aligner wrote as unknown (``<unk>``), where there are as many of them as words; and a number in
digits, which the aligner wrote in words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Bool, Int32

from pipeline.alignments.alignment import UNKNOWN
from pipeline.alignments.spelling import comparable
from pipeline.time_axis import Interval


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
    unknown_words : tuple of int
        Indices of the words whose interval is labelled unknown.
    """

    intervals: tuple[Interval | None, ...]
    unmatched_words: tuple[int, ...]
    unmatched_intervals: tuple[Interval, ...]
    unknown_words: tuple[int, ...]


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
    labels = [interval.label for interval in intervals]
    pairs = _pairs(list(map(comparable, transcript)), list(map(comparable, labels)))
    ranges = {word: (position, position + 1) for word, position in pairs.items()}
    ranges |= dict(_gap_pairs(transcript, labels, pairs))
    used = {position for begin, end in ranges.values() for position in range(begin, end)}
    words = range(len(transcript))
    return Matching(
        tuple(
            _joined(intervals[slice(*ranges[word])]) if word in ranges else None for word in words
        ),
        tuple(word for word in words if word not in ranges),
        tuple(interval for index, interval in enumerate(intervals) if index not in used),
        tuple(word for word in words if word in ranges and _is_unknown(labels[ranges[word][0]])),
    )


def _joined(intervals: Sequence[Interval]) -> Interval:
    if len(intervals) == 1:
        return intervals[0]
    label = " ".join(interval.label for interval in intervals)
    return Interval(label, intervals[0].start, intervals[-1].end)


def _is_unknown(label: str) -> bool:
    return label.casefold() in UNKNOWN


def _gap_pairs(
    transcript: Sequence[str], labels: Sequence[str], pairs: dict[int, int]
) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield a word and its half-open range of intervals, for what lies between certain pairs."""
    certain = [(-1, -1), *sorted(pairs.items()), (len(transcript), len(labels))]
    for (word, position), (next_word, next_position) in pairwise(certain):
        words, positions = range(word + 1, next_word), range(position + 1, next_position)
        between = [labels[index] for index in positions]
        if not words or not between:
            continue
        if len(words) == len(between) and all(map(_is_unknown, between)):
            yield from ((w, (p, p + 1)) for w, p in zip(words, positions, strict=True))
        elif (
            len(words) == 1
            and _in_digits(transcript[words[0]])
            and not any(map(_in_digits, between))
        ):
            yield words[0], (positions[0], positions[-1] + 1)


def _in_digits(label: str) -> bool:
    return any(character.isdigit() for character in label)


def _pairs(words: Sequence[str], labels: Sequence[str]) -> dict[int, int]:
    if words == labels and all(words):
        # The usual case, in which the one longest matching is plain.
        return dict(enumerate(range(len(words))))
    codes = {"": 0}
    rows, columns = (
        np.array([codes.setdefault(item, len(codes)) for item in items], dtype=np.int32)
        for items in (words, labels)
    )
    return _certain_pairs((rows[:, None] == columns) & (rows[:, None] > 0))


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
