import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.corpus.packed_intervals import PackedIntervals, Table, digest_of
from pipeline.time_axis import Interval

TIMES = st.floats(0, 1e6)


@st.composite
def interval(draw):
    start, end = sorted(draw(st.lists(TIMES, min_size=2, max_size=2, unique=True)))
    confidence = draw(st.none() | st.floats(0, 1))
    return Interval(draw(st.text(max_size=3)), start, end, confidence)


INTERVALS = st.lists(st.none() | interval(), max_size=12)


def packed(intervals):
    return PackedIntervals(Table.of(intervals), 0, len(intervals))


def confidences(intervals):
    """Confidences are no part of what an interval is, and have to be compared apart."""
    return [it and it.confidence for it in intervals]


@given(INTERVALS)
def test_what_is_packed_comes_out_again(intervals):
    for again in (packed(intervals), list(packed(intervals)), packed(intervals)[:]):
        assert list(again) == intervals
        assert confidences(again) == confidences(intervals)


@given(INTERVALS)
def test_arrays_hold_all_of_it(intervals):
    table = Table.of(iter(intervals))
    again = Table.from_arrays(table.arrays("word"), "word", list(table.vocabulary))
    found = PackedIntervals(again, 0, len(intervals))
    assert list(found) == intervals
    assert confidences(found) == confidences(intervals)


@given(INTERVALS, st.integers(-15, 15), st.slices(12))
def test_indices_and_slices_are_those_of_a_list(intervals, index, part):
    sequence = packed(intervals)
    if -len(intervals) <= index < len(intervals):
        assert sequence[index] == intervals[index]
    else:
        with pytest.raises(IndexError):
            sequence[index]
    assert list(sequence[part]) == intervals[part]


@given(INTERVALS, st.integers(0, 12), st.integers(0, 12))
def test_a_part_of_a_table_knows_nothing_of_its_neighbours(intervals, one, other):
    first, end = sorted((min(one, len(intervals)), min(other, len(intervals))))
    part = PackedIntervals(Table.of(intervals), first, end)
    assert len(part) == end - first
    assert list(part) == intervals[first:end]
    assert [part[-1]] == intervals[end - 1 : end] if part else first == end
    with pytest.raises(IndexError):
        part[len(part)]


@given(INTERVALS, INTERVALS)
def test_they_are_equal_as_sequences_are(intervals, others):
    assert (packed(intervals) == packed(others)) == (intervals == others)
    assert (packed(intervals) == tuple(others)) == (intervals == others)
    assert (tuple(others) == packed(intervals)) == (intervals == others)
    assert hash(packed(intervals)) == hash(tuple(intervals))


@given(INTERVALS)
def test_they_travel_to_another_process(intervals):
    again = pickle.loads(pickle.dumps(packed(intervals)))  # noqa: S301 - as Dask sends them
    assert list(again) == intervals
    assert confidences(again) == confidences(intervals)


def test_what_travels_is_the_part_and_not_the_corpus():
    many = [Interval(f"word {index}", index / 2, (index + 1) / 2) for index in range(10_000)]
    part = PackedIntervals(Table.of(many), 5000, 5010)
    assert len(pickle.dumps(part)) < 3000
    assert list(pickle.loads(pickle.dumps(part))) == many[5000:5010]  # noqa: S301


@given(INTERVALS, INTERVALS, INTERVALS)
def test_a_digest_is_the_same_wherever_the_intervals_lie(before, intervals, after):
    table = Table.of([*before, *intervals, *after])
    part = PackedIntervals(table, len(before), len(before) + len(intervals))
    sent = pickle.loads(pickle.dumps(part))  # noqa: S301 - as Dask sends them
    assert digest_of(part) == digest_of(tuple(intervals)) == digest_of(sent)


@given(INTERVALS, INTERVALS)
def test_digests_are_equal_exactly_where_the_intervals_are(one, other):
    assert (digest_of(one) == digest_of(other)) == (one == other)


def test_a_boundary_does_not_move_between_labels():
    assert digest_of([Interval("ab", 0.0, 1.0)]) != digest_of([Interval("a", 0.0, 1.0)])
    assert digest_of([None]) != digest_of([Interval("", 0.0, 1.0)])
    assert digest_of([None]) != digest_of([])
