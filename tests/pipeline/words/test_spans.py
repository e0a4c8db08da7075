"""Every rule against a twin that computes in fractions of a second, frame by frame."""

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.settings import FrameRule
from pipeline.time_axis import FrameTimes, Interval
from pipeline.words.spans import overlap_weights, word_spans

RATE_HZ = 16_000


@dataclass(frozen=True)
class Grid:
    """Regular frames, in samples at `rate_hz`; `counted_hz` makes the stride a whole number."""

    count: int
    rate_hz: int
    stride: Fraction
    window: int | None
    first: int

    @property
    def frames(self):
        return FrameTimes.regular(
            self.count,
            sample_rate_hz=self.rate_hz,
            stride_samples=self.stride,
            window_samples=self.window,
            first_sample=self.first,
        )

    @property
    def counted_hz(self):
        return self.rate_hz * self.stride.denominator

    @property
    def stride_s(self):
        return self.stride / self.rate_hz

    def start(self, row):
        return (self.first + row * self.stride) / self.rate_hz

    def end(self, row):
        length = self.stride if self.window is None else self.window
        return self.start(row) + Fraction(length) / self.rate_hz

    def centre(self, row):
        return (self.start(row) + self.end(row)) / 2


@st.composite
def grids(draw):
    rate_hz = draw(st.sampled_from([16_000, 24_000]))
    stride = draw(st.sampled_from([10, Fraction(40, 3), 20, 160])) * Fraction(rate_hz, 1000)
    window = draw(st.none() | st.integers(1, 3 * math.ceil(stride)))
    # The first frame of Whisper is centred at 0.
    first = draw(st.sampled_from([0, -(window or 0) // 2]) | st.integers(-3_000, 3_000))
    return Grid(draw(st.integers(0, 30)), rate_hz, Fraction(stride), window, first)


def times(grid):
    """Times on frame boundaries, on samples, beside centres and cells, and on tenths of a ms."""
    row = st.integers(0, grid.count + 3)
    on_frames = st.builds(lambda k: k * grid.stride_s, row)
    on_samples = st.builds(
        lambda k: Fraction(k, grid.rate_hz),
        st.integers(0, math.ceil((grid.count + 3) * grid.stride)),
    )
    beside = st.builds(
        lambda k, half, step: grid.centre(k) + half * grid.stride_s / 2 + step / grid.counted_hz,
        row,
        st.sampled_from([-1, 0, 1]),
        st.sampled_from([Fraction(-1), Fraction(0), Fraction(1)]),
    )
    tenths = st.builds(lambda k: Fraction(k, 10_000), st.integers(0, 3_000))
    return st.one_of(on_frames, on_samples, beside, tenths).map(
        # Half samples would ask how a tie is rounded.
        lambda time: max(Fraction(0), Fraction(math.floor(time * grid.counted_hz), grid.counted_hz))
    )


@st.composite
def neighbours(draw):
    """A grid, and words that touch, as pairs of fractions."""
    grid = draw(grids())
    edges = draw(st.lists(times(grid), min_size=2, max_size=12, unique=True))
    return grid, list(pairwise(sorted(edges)))


@st.composite
def odd_words(draw):
    """A grid, and words in any order that may overlap, be the same, or have no time."""
    grid = draw(grids())
    pair = st.lists(times(grid), min_size=2, max_size=2, unique=True).map(sorted).map(tuple)
    return grid, draw(st.lists(st.none() | pair, max_size=9))


def intervals_of(words):
    return [word and Interval("a", float(word[0]), float(word[1])) for word in words]


def rows_of(words, frames, rule):
    spans = word_spans(intervals_of(words), frames, rule)
    assert spans.shape == (len(words), 2)
    return [list(range(first, last)) for first, last in spans.tolist()]


def centres_inside(grid, word):
    return [row for row in range(grid.count) if word[0] <= grid.centre(row) < word[1]]


def claim(grid, word, words):
    """Return the frame that a word without a centre asks for and how far it is, or None."""
    middle = (word[0] + word[1]) / 2
    distance, row = min((abs(grid.centre(row) - middle), row) for row in range(grid.count))
    saw = grid.start(row) < word[1] and grid.end(row) > word[0]
    taken = any(row in centres_inside(grid, other) for other in words if other is not None)
    return (row, distance) if saw and not taken else None


def centre_twin(grid, words):
    rows = [[] if word is None else centres_inside(grid, word) for word in words]
    claims = {}
    for index, word in enumerate(words):
        asked = grid.count and word is not None and not rows[index] and claim(grid, word, words)
        if asked:
            claims.setdefault(asked[0], []).append((asked[1], index))
    for row, claimants in claims.items():
        _, winner = min(claimants)
        rows[winner] = [row]
    return rows


def overlap_s(grid, row, word):
    half = grid.stride_s / 2
    return min(grid.centre(row) + half, word[1]) - max(grid.centre(row) - half, word[0])


def overlap_twin(grid, words):
    return [
        [row for row in range(grid.count) if word is not None and overlap_s(grid, row, word) > 0]
        for word in words
    ]


def thesis_twin(grid, words):
    return [
        [
            row
            for row in range(grid.count)
            if word is not None
            and math.floor(word[0] / grid.stride_s) <= row <= math.floor(word[1] / grid.stride_s)
        ]
        for word in words
    ]


def pasad_twin(grid, words):
    rows = []
    for word in words:
        asked = range(0)
        if word is not None:
            first, last = math.floor(word[0] / grid.stride_s), math.ceil(word[1] / grid.stride_s)
            asked = range(first, last) or range(first, first + 1)
        rows.append([row for row in asked if row < grid.count])
    return rows


TWINS = {
    "centre": centre_twin,
    "overlap": overlap_twin,
    "thesis": thesis_twin,
    "pasad": pasad_twin,
}


def test_every_rule_has_a_twin():
    assert set(TWINS) == set(get_args(FrameRule))


@pytest.mark.parametrize("rule", TWINS)
@given(neighbours())
def test_a_rule_is_its_definition_in_fractions(rule, spoken):
    grid, words = spoken
    assert rows_of(words, grid.frames, rule) == TWINS[rule](grid, words)


@pytest.mark.parametrize("rule", TWINS)
@given(odd_words())
def test_a_rule_is_its_definition_also_for_words_that_overlap_or_have_no_time(rule, spoken):
    grid, words = spoken
    assert rows_of(words, grid.frames, rule) == TWINS[rule](grid, words)


@given(neighbours())
def test_words_that_do_not_overlap_never_share_a_frame_by_the_centre_rule(spoken):
    grid, words = spoken
    rows = [row for of_word in rows_of(words, grid.frames, "centre") for row in of_word]
    assert len(rows) == len(set(rows))


@given(odd_words())
def test_a_weight_is_how_much_of_the_cell_the_word_covers(spoken):
    grid, words = spoken
    frames, intervals = grid.frames, intervals_of(words)
    spans = word_spans(intervals, frames, "overlap")
    weights = overlap_weights(intervals, frames, spans)
    for word, (first, last), of_word in zip(words, spans.tolist(), weights, strict=True):
        expected = [overlap_s(grid, row, word) for row in range(first, last)]
        assert [Fraction(w, 2 * grid.counted_hz) for w in of_word.tolist()] == expected


@given(neighbours())
def test_the_weights_of_a_word_add_up_to_what_of_it_the_cells_cover(spoken):
    grid, words = spoken
    frames, intervals = grid.frames, intervals_of(words)
    weights = overlap_weights(intervals, frames, word_spans(intervals, frames, "overlap"))
    covered_from = grid.centre(0) - grid.stride_s / 2
    covered_to = covered_from + grid.count * grid.stride_s
    for (start, end), of_word in zip(words, weights, strict=True):
        covered = max(Fraction(0), min(end, covered_to) - max(start, covered_from))
        assert Fraction(int(of_word.sum()), 2 * grid.counted_hz) == covered


@given(grids())
def test_words_on_the_grid_have_their_own_cells_by_every_rule_but_the_thesis(grid):
    grid = Grid(grid.count, grid.rate_hz, grid.stride, window=None, first=0)
    words = [(row * grid.stride_s, (row + 2) * grid.stride_s) for row in range(0, grid.count, 2)]
    expected = [[row, row + 1][: grid.count - row] for row in range(0, grid.count, 2)]
    for rule in ("centre", "overlap", "pasad"):
        assert rows_of(words, grid.frames, rule) == expected


def frames_of(count, stride=320, window=400):
    return FrameTimes.regular(
        count, sample_rate_hz=RATE_HZ, stride_samples=stride, window_samples=window
    )


def spans_of(samples, frames, rule="centre"):
    words = [(Fraction(start, RATE_HZ), Fraction(end, RATE_HZ)) for start, end in samples]
    return word_spans(intervals_of(words), frames, rule).tolist()


def test_a_word_between_two_centres_gets_the_nearest_frame():
    assert spans_of([(521, 700)], frames_of(10)) == [[1, 2]]


@pytest.mark.parametrize(
    ("words", "spans"),
    [
        # Centres are at 200 and 520; all of these words ask for the frame at 200.
        ([(210, 250), (250, 300)], [[0, 1], [0, 0]]),
        ([(260, 300), (210, 250)], [[0, 0], [0, 1]]),
        ([(150, 190), (210, 250)], [[0, 1], [0, 0]]),
        ([(210, 250), (150, 190)], [[0, 1], [0, 0]]),
        # Here the word before holds it.
        ([(150, 210), (210, 250)], [[0, 1], [0, 0]]),
        # A middle at 360 is as near to either.
        ([(350, 370)], [[0, 1]]),
    ],
)
def test_a_frame_nearest_to_several_words_is_given_once(words, spans):
    assert spans_of(words, frames_of(2)) == spans


def test_a_frame_that_saw_nothing_of_a_word_is_not_given_to_it():
    assert spans_of([(200, 210)], frames_of(2, window=100)) == [[0, 0]]


@pytest.mark.parametrize("rule", TWINS)
def test_a_word_after_the_last_frame_has_none(rule):
    frames = frames_of(10, window=320)
    end = int(frames.end_samples[-1])
    assert spans_of([(end, end + 500)], frames, rule) == [[0, 0]]


@pytest.mark.parametrize("rule", TWINS)
def test_a_word_without_a_sample_has_no_frame(rule):
    word = Interval("a", 0.1, 0.1 + 1e-6)
    assert word_spans([word], frames_of(10, window=320), rule).tolist() == [[0, 0]]


@pytest.mark.parametrize("rule", TWINS)
def test_without_a_frame_or_without_a_word_there_are_no_spans(rule):
    assert spans_of([(0, 8_000)], frames_of(0), rule) == [[0, 0]]
    assert word_spans([], frames_of(10), rule).shape == (0, 2)
    assert overlap_weights([], frames_of(10), np.zeros((0, 2), dtype=np.int64)) == []


@pytest.mark.parametrize("seconds", [0.58, 0.94, 1.14])
def test_the_thesis_and_pasad_s_rule_divide_exactly_where_the_originals_did_not(seconds):
    frames, word = frames_of(100, window=320), [Interval("a", seconds, 1.5)]
    row = round(seconds / 0.02)
    assert int(seconds / 0.02) == row - 1
    assert word_spans(word, frames, "thesis").tolist() == [[row, 76]]
    assert word_spans(word, frames, "pasad").tolist() == [[row, 75]]


def test_the_thesis_rule_gives_the_frame_at_a_boundary_to_both_words():
    words = [Interval("a", 0.1, 0.31), Interval("b", 0.31, 0.5)]
    assert word_spans(words, frames_of(50, window=320), "thesis").tolist() == [[5, 16], [15, 26]]


def test_of_fifty_thousand_short_words_the_ones_that_hold_a_centre_have_it():
    words = [(80 * index, 80 * index + 80) for index in range(50_000)]
    spans = np.array(spans_of(words, frames_of(12_500, window=320)))
    rows = np.arange(12_500)
    np.testing.assert_array_equal(spans[2::4], np.stack([rows, rows + 1], axis=1))
    for others in (0, 1, 3):
        assert not spans[others::4].any()
