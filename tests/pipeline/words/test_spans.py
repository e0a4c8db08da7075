from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.time_axis import FrameTimes, Interval
from pipeline.words.spans import centre_span, thesis_span, word_spans

RATE_HZ = 16_000


def frames_of(count, stride=320, window=400):
    return FrameTimes.regular(
        count, sample_rate_hz=RATE_HZ, stride_samples=stride, window_samples=window
    )


@st.composite
def neighbours(draw):
    """Words that touch, with boundaries on whole samples, as integer samples."""
    edges = draw(st.lists(st.integers(0, 40_000), min_size=2, max_size=12, unique=True))
    return sorted(edges)


def intervals_of(edges):
    return [Interval(str(i), a / RATE_HZ, b / RATE_HZ) for i, (a, b) in enumerate(pairwise(edges))]


@given(neighbours(), st.sampled_from([(160, 400), (320, 400), (320, 320), (2560, 2800)]))
def test_the_centre_rule_is_its_definition_frame_by_frame(edges, grid):
    frames = frames_of(60, *grid)
    spans = word_spans(intervals_of(edges), frames, "centre")
    for (start, end), (first, last) in zip(pairwise(edges), spans, strict=True):
        inside = [
            row
            for row in range(60)
            if 2 * start <= frames.start_samples[row] + frames.end_samples[row] < 2 * end
        ]
        if inside:
            assert list(range(first, last)) == inside
        else:
            assert last - first <= 1


@given(neighbours())
def test_neighbours_that_hold_a_centre_never_share_a_frame(edges):
    frames = frames_of(140)
    spans = word_spans(intervals_of(edges), frames, "centre")
    centres = frames.doubled_centres / 2
    rows = [
        row
        for (first, last), a, b in zip(spans, edges, edges[1:], strict=False)
        if np.any((centres >= a) & (centres < b))
        for row in range(first, last)
    ]
    assert len(rows) == len(set(rows))


def test_a_word_between_two_centres_gets_the_nearest_frame():
    frames = frames_of(10)
    word = Interval("a", 521 / RATE_HZ, 700 / RATE_HZ)
    assert centre_span(word, frames) == (1, 2)


def test_a_word_after_the_last_frame_has_none():
    frames = frames_of(10)
    end = int(frames.end_samples[-1])
    assert centre_span(Interval("a", end / RATE_HZ, (end + 500) / RATE_HZ), frames) is None
    assert thesis_span(Interval("a", 5.0, 5.2), frames) is None


def test_a_recording_without_frames_gives_no_word_a_frame():
    nothing = frames_of(0)
    words = [Interval("a", 0.0, 0.5)]
    for rule in ("centre", "thesis"):
        assert word_spans(words, nothing, rule).tolist() == [[0, 0]]


@pytest.mark.parametrize("seconds", [0.58, 0.94, 1.14])
def test_the_thesis_rule_keeps_the_floating_point_division_of_the_original(seconds):
    frames = frames_of(100, window=320)
    assert thesis_span(Interval("a", 0.0, seconds), frames) == (0, int(seconds / 0.02) + 1)
    assert int(seconds / 0.02) != round(seconds / 0.02)


def test_the_thesis_rule_gives_the_frame_at_a_boundary_to_both_words():
    first, second = word_spans(
        [Interval("a", 0.1, 0.31), Interval("b", 0.31, 0.5)], frames_of(50, window=320), "thesis"
    ).tolist()
    assert first == [5, 16]
    assert second == [15, 26]
