"""An alignment meets its utterance: what of it can be used, and what has to be left out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, compress
from math import inf
from operator import not_

from pipeline.alignments.alignment import Alignment
from pipeline.alignments.matching import Matching, match_words
from pipeline.alignments.spelling import comparable
from pipeline.time_axis import Interval

# An alignment may end this much after its recording: aligners round to their frames.
TOLERANCE_S = 0.05
# Neighbours may overlap this much: files round times.
ROUNDING_S = 0.001


@dataclass(frozen=True, eq=False)
class Fitted:
    """An utterance's words with their times.

    Attributes
    ----------
    words : tuple of str
    word_intervals : tuple of (Interval or None)
        One for each word.
    phone_intervals : tuple of Interval
    left_out : tuple of str
        What could not be used, and why.
    notes : tuple of str
        What is odd, but used.
    """

    words: tuple[str, ...]
    word_intervals: tuple[Interval | None, ...]
    phone_intervals: tuple[Interval, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]


def fit(
    alignment: Alignment,
    words: tuple[str, ...] | None,
    duration_s: float,
    start_s: float | None = None,
) -> Fitted:
    """Give each word its interval, as far as the alignment and the recording agree.

    Intervals are left out, never shifted or shortened: those outside of the recording, those that
    overlap a neighbour, and those that no word of the transcript can be given for certain.

    Parameters
    ----------
    words : tuple of str or None
        The transcript; None: what the alignment says is what was spoken.
    duration_s : float
        Length of the utterance.
    start_s : float, optional
        Where the utterance starts in the recording that the alignment is of; by default they are
        the same, so that nothing may lie outside.
    """
    spoken = _on_own_clock(alignment.words, start_s, duration_s)
    outside = [word for word in spoken if word.end > duration_s + TOLERANCE_S]
    inside = [word for word in spoken if word.end <= duration_s + TOLERANCE_S]
    overlaps = _overlaps(inside)
    overlapping = list(compress(inside, overlaps))
    usable = list(compress(inside, map(not_, overlaps)))
    if words is None:
        words = tuple(word.label for word in usable if comparable(word.label))
    matching = match_words(words, usable)
    phones = _on_own_clock(alignment.phones, start_s, duration_s)
    return Fitted(
        words,
        matching.intervals,
        tuple(phones)
        if not phones or phones[-1].end <= duration_s + TOLERANCE_S
        else tuple(phone for phone in phones if phone.end <= duration_s + TOLERANCE_S),
        tuple(_left_out(words, matching, outside, overlapping, duration_s)),
        tuple(_notes(words, matching, alignment)),
    )


def _on_own_clock(
    intervals: Sequence[Interval], start_s: float | None, duration_s: float
) -> Sequence[Interval]:
    """Return the intervals of a segment that starts at `start_s`, in its own time."""
    if start_s is None:
        return intervals
    end_s = start_s + duration_s
    return [
        Interval(it.label, max(it.start - start_s, 0.0), it.end - start_s, it.confidence)
        for it in intervals
        # What lies across an end of the segment is not spoken inside it.
        if it.start >= start_s - ROUNDING_S and start_s < it.end <= end_s + ROUNDING_S
    ]


def _overlaps(intervals: Sequence[Interval]) -> list[bool]:
    """Return whether each interval overlaps another, given them in the order of their starts."""
    latest_end = accumulate((it.end for it in intervals), max, initial=0.0)
    next_starts = [*(it.start for it in intervals[1:]), inf]
    return [
        it.start < before - ROUNDING_S or after < it.end - ROUNDING_S
        for it, before, after in zip(intervals, latest_end, next_starts, strict=False)
    ]


def _left_out(
    words: Sequence[str],
    matching: Matching,
    outside: Sequence[Interval],
    overlapping: Sequence[Interval],
    duration_s: float,
) -> Iterator[str]:
    if outside:
        yield (
            f"the recording lasts {duration_s:.2f} s, but these intervals end after it, so that "
            f"one of the two is cut or belongs to another: {_listed(outside)}"
        )
    if overlapping:
        yield f"these intervals overlap: {_listed(overlapping)}"
    if matching.unmatched_intervals:
        yield (
            "these intervals belong to no word of the transcript for certain: "
            f"{_listed(matching.unmatched_intervals)}"
        )
    if matching.unmatched_words:
        unknown = ", ".join(words[index] for index in matching.unmatched_words)
        yield f"the alignment does not say when these words of the transcript were: {unknown}"


def _notes(words: Sequence[str], matching: Matching, alignment: Alignment) -> Iterator[str]:
    yield from alignment.notes
    if matching.unknown_words:
        unknown = ", ".join(words[index] for index in matching.unknown_words)
        yield f"the aligner did not know these words, whose times may be poor: {unknown}"


def _listed(intervals: Iterable[Interval]) -> str:
    return ", ".join(f"{it.label!r} ({it.start:.2f}-{it.end:.2f} s)" for it in intervals)
