"""A word's frames, by a named rule."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from jaxtyping import Int64

from pipeline.settings import FrameRule
from pipeline.time_axis import FrameTimes, Interval, to_samples

Span = tuple[int, int]


def centre_span(interval: Interval, frames: FrameTimes) -> Span | None:
    """Return the frames whose centre lies in ``[start, end)``.

    Neighbouring words never share a frame. A word too short to hold a centre gets the frame
    whose centre is nearest to the word's middle, if that frame saw any of the word.

    Returns
    -------
    tuple of int or None
        Half-open range of rows; None where the word has no frame.
    """
    start, end = to_samples([interval.start, interval.end], frames.sample_rate_hz).tolist()
    centres = frames.doubled_centres
    first, last = np.searchsorted(centres, [2 * start, 2 * end]).tolist()
    if first < last:
        return first, last
    return _nearest_span(start, end, frames)


def _nearest_span(start: int, end: int, frames: FrameTimes) -> Span | None:
    if not len(frames):
        return None
    row = int(np.argmin(np.abs(frames.doubled_centres - (start + end))))
    overlaps = frames.start_samples[row] < end and frames.end_samples[row] > start
    return (row, row + 1) if overlaps else None


def thesis_span(interval: Interval, frames: FrameTimes) -> Span | None:
    """Return rows ``int(start / stride)`` to ``int(end / stride)``, both included.

    The rule of the original study, floating-point division and all: the frame at a boundary
    belongs to both words, and where a frame's window lies is ignored.
    """
    stride_s = (frames.stride_samples or 1) / frames.sample_rate_hz
    first, last = int(interval.start / stride_s), int(interval.end / stride_s) + 1
    last = min(last, len(frames))
    return (first, last) if first < last else None


SPAN_RULES: Mapping[FrameRule, Callable[[Interval, FrameTimes], Span | None]] = {
    "centre": centre_span,
    "thesis": thesis_span,
}


def word_spans(
    intervals: Sequence[Interval | None], frames: FrameTimes, rule: FrameRule
) -> Int64[np.ndarray, "words 2"]:
    """Return the half-open row range of every word; an empty range where a word has no frame.

    Parameters
    ----------
    intervals : sequence of (Interval or None)
        One entry a word, None where its times are unknown.
    frames : FrameTimes
    rule : {"centre", "thesis"}

    Examples
    --------
    >>> frames = FrameTimes.regular(10, sample_rate_hz=1000, stride_samples=20)
    >>> words = [Interval("a", 0.0, 0.05), None, Interval("b", 0.05, 0.1)]
    >>> word_spans(words, frames, "centre").tolist()
    [[0, 2], [0, 0], [2, 5]]
    >>> word_spans(words, frames, "thesis").tolist()
    [[0, 3], [0, 0], [2, 6]]
    """
    span_of = SPAN_RULES[rule]
    spans = [interval and span_of(interval, frames) for interval in intervals]
    return np.array([span or (0, 0) for span in spans], dtype=np.int64).reshape(-1, 2)
