"""A word's frames, by a named rule, in integer samples."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from jaxtyping import Int64

from pipeline.settings import FrameRule
from pipeline.time_axis import FrameTimes, Interval, to_samples

Words = Int64[np.ndarray, " words"]
Rows = tuple[Words, Words]
"""The first row of every word and the one after its last; none where they do not ascend."""


def centre_rows(starts: Words, ends: Words, frames: FrameTimes) -> Rows:
    """Return the frames whose centre lies in ``[start, end)``.

    A word too short to hold a centre gets the frame whose centre is nearest to the word's middle,
    if that frame saw any of the word and is no other word's. So words that do not overlap never
    share a frame.
    """
    first, last = (np.searchsorted(frames.doubled_centres, 2 * edge) for edge in (starts, ends))
    short = np.flatnonzero(first == last)
    if len(short):
        held = np.bincount(first, minlength=len(frames) + 1)
        held -= np.bincount(last, minlength=len(frames) + 1)
        free = np.cumsum(held)[:-1] == 0
        chosen, rows = _nearest_rows(starts[short], ends[short], frames, free)
        first[short[chosen]], last[short[chosen]] = rows, rows + 1
    return first, last


def _nearest_rows(
    starts: Words, ends: Words, frames: FrameTimes, free: np.ndarray
) -> tuple[Int64[np.ndarray, " chosen"], Int64[np.ndarray, " chosen"]]:
    """Return which words get the free frame nearest to their middle, and these frames.

    Each is given once: to the word nearest to its centre, of equally near ones to the first.
    """
    centres, doubled_middles = frames.doubled_centres, starts + ends
    rows = np.searchsorted(centres[:-1] + centres[1:], 2 * doubled_middles)
    saw = (frames.start_samples[rows] < ends) & (frames.end_samples[rows] > starts)
    distances = np.abs(centres[rows] - doubled_middles)
    wanted = np.flatnonzero(saw & free[rows])
    order = wanted[np.lexsort((distances[wanted], rows[wanted]))]
    given, best = np.unique(rows[order], return_index=True)
    return order[best], given


def overlap_rows(starts: Words, ends: Words, frames: FrameTimes) -> Rows:
    """Return the frames whose cell overlaps the word.

    The cell of a frame is a stride long, with the frame's centre in its middle. Neighbouring words
    share the cell that their boundary lies in; `overlap_weights` says how much of it is whose.
    """
    lower, upper = _doubled_cells(frames)
    first = np.searchsorted(upper, 2 * starts, side="right")
    return first, np.searchsorted(lower, 2 * ends)


def thesis_rows(starts: Words, ends: Words, frames: FrameTimes) -> Rows:
    """Return rows ``floor(start / stride)`` to ``floor(end / stride)``, both included.

    The rule of the original study: the frame at a boundary belongs to both words, and where a
    frame's window lies is ignored. The original divided floating-point seconds, so that 0.58 s was
    in row 28 of 20 ms, not 29, and 4.5 % of real boundaries alike; here the division is exact.
    """
    return starts // frames.stride_samples, ends // frames.stride_samples + 1


def pasad_rows(starts: Words, ends: Words, frames: FrameTimes) -> Rows:
    """Return rows ``floor(start / stride)`` up to ``ceil(end / stride)``, which is excluded.

    The rule of Pasad et al. (``get_segment_idx`` in ``model_utils`` of their layer-wise analysis):
    where a frame's window lies is ignored, and a word has one row at least. Theirs divides
    floating-point seconds, and cuts a word that ends one row after the last, no other; here the
    division is exact, and no word ever goes beyond the last row.
    """
    return starts // frames.stride_samples, -(-ends // frames.stride_samples)


SPAN_RULES: Mapping[FrameRule, Callable[[Words, Words, FrameTimes], Rows]] = {
    "centre": centre_rows,
    "overlap": overlap_rows,
    "thesis": thesis_rows,
    "pasad": pasad_rows,
}


def word_spans(
    intervals: Sequence[Interval | None], frames: FrameTimes, rule: FrameRule
) -> Int64[np.ndarray, "words 2"]:
    """Return the half-open row range of every word; an empty range where a word has no frame.

    Parameters
    ----------
    intervals : sequence of (Interval or None)
        One entry a word, None where its times are unknown. A word without a sample has no frame.
    frames : FrameTimes
    rule : {"centre", "overlap", "thesis", "pasad"}

    Examples
    --------
    >>> frames = FrameTimes.regular(10, sample_rate_hz=1000, stride_samples=20)
    >>> words = [Interval("a", 0.0, 0.05), None, Interval("b", 0.05, 0.1)]
    >>> for rule in SPAN_RULES:
    ...     print(rule, word_spans(words, frames, rule).tolist())
    centre [[0, 2], [0, 0], [2, 5]]
    overlap [[0, 3], [0, 0], [2, 5]]
    thesis [[0, 3], [0, 0], [2, 6]]
    pasad [[0, 3], [0, 0], [2, 5]]
    """
    starts, ends = _edges(intervals, frames)
    spans = np.zeros((len(intervals), 2), dtype=np.int64)
    words = np.flatnonzero(starts < ends)
    if len(frames):
        first, last = SPAN_RULES[rule](starts[words], ends[words], frames)
        found = np.stack([first, np.minimum(last, len(frames))], axis=1)
        some = found[:, 0] < found[:, 1]
        spans[words[some]] = found[some]
    return spans


def overlap_weights(
    intervals: Sequence[Interval | None],
    frames: FrameTimes,
    spans: Int64[np.ndarray, "words 2"],
) -> list[Int64[np.ndarray, " _"]]:
    """Return how much of each frame's cell every word covers, in halves of a sample.

    Parameters
    ----------
    intervals, frames
        As for `word_spans`.
    spans : int64 array [shape=(words, 2)]
        What `word_spans` returns by the rule "overlap".

    Returns
    -------
    list of int64 array [shape=(last - first,)]
        One entry a word, all of them positive.

    Examples
    --------
    >>> frames = FrameTimes.regular(10, sample_rate_hz=1000, stride_samples=20)
    >>> words = [Interval("a", 0.0, 0.05), None, Interval("b", 0.05, 0.1)]
    >>> spans = word_spans(words, frames, "overlap")
    >>> [weights.tolist() for weights in overlap_weights(words, frames, spans)]
    [[40, 40, 20], [], [20, 40, 40]]
    """
    lower, upper = _doubled_cells(frames)
    starts, ends = _edges(intervals, frames)
    return [
        np.minimum(upper[first:last], 2 * end) - np.maximum(lower[first:last], 2 * start)
        for start, end, (first, last) in zip(starts, ends, spans, strict=True)
    ]


def _edges(intervals: Sequence[Interval | None], frames: FrameTimes) -> tuple[Words, Words]:
    """Return where words start and end, in samples; 0 for both where it is unknown."""
    starts = [interval.start if interval else 0.0 for interval in intervals]
    ends = [interval.end if interval else 0.0 for interval in intervals]
    return to_samples(starts, frames.sample_rate_hz), to_samples(ends, frames.sample_rate_hz)


def _doubled_cells(
    frames: FrameTimes,
) -> tuple[Int64[np.ndarray, " frames"], Int64[np.ndarray, " frames"]]:
    """Return twice the samples from where to where frames stand for the recording."""
    centres = frames.doubled_centres
    return centres - frames.stride_samples, centres + frames.stride_samples
