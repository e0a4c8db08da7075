import math
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from pipeline.alignments.alignment import Mark, Tier
from pipeline.alignments.source import Source
from pipeline.alignments.spoken import spoken
from pipeline.errors import AlignmentError
from pipeline.time_axis import Interval

SOURCE = Source(Path("a.TextGrid"), "")


def heard(*marks, **tier):
    tier = {"start": 0.0, "end": 10.0, **tier}
    marks = tuple(Mark(float(start), float(end), *rest) for start, end, *rest in marks)
    return spoken(SOURCE, Tier("interval", "words", marks=marks, **tier), "word")


@pytest.mark.parametrize("silence", ["", "  ", "SIL", "sp", "<eps>", "{SL}", "[noise]", " spn "])
def test_silences_are_left_out_without_a_note(silence):
    assert heard((0, 1, silence), (1, 2, "a"), (3, 3, silence)) == ([Interval("a", 1.0, 2.0)], [])


def test_intervals_come_in_the_order_of_time_without_blanks_around():
    assert heard((2, 3, " two\n"), (0, 1, "one")) == (
        [Interval("one", 0.0, 1.0), Interval("two", 2.0, 3.0)],
        [],
    )


@pytest.mark.parametrize(
    ("mark", "kept", "note"),
    [
        ((1, 1, "a"), [], "'a' at 1.0 s has no duration and is left out"),
        ((-2, -1, "a"), [], "'a' at -2.0 s starts before the recording and is left out"),
        ((-2, 0, "a"), [], "'a' at -2.0 s starts before the recording and is left out"),
        ((-2, 1, "a"), [("a", 0.0, 1.0)], "'a' at -2.0 s starts before the recording and is cut"),
        ((8, 11, "a"), [("a", 8.0, 11.0)], "'a' at 8.0 s ends at 11.0 s, after its tier (10.0 s)"),
        ((0, 1, "<UNK>"), [("<UNK>", 0.0, 1.0)], "'<UNK>' at 0.0 s stands for one that the"),
        ((4.5, 6, "a"), [("a", 4.5, 6.0)], "word 'b' at 5.0 s overlaps 'a', which ends at 6.0 s"),
        ((4, 5, "a", 2.0), [("a", 4.0, 5.0)], "'a' at 4.0 s has the confidence 2.0; expected a"),
        ((4, 5, "a", "x", 7), [("a", 4.0, 5.0)], "line 7: word 'a' at 4.0 s has the confidence"),
    ],
)
def test_what_is_odd_is_noted_and_what_cannot_be_heard_left_out(mark, kept, note):
    intervals, notes = heard(mark, (5, 7, "b"))
    expected = [*(Interval(*each) for each in kept), Interval("b", 5.0, 7.0)]
    assert intervals == sorted(expected, key=lambda interval: interval.start)
    assert len(notes) == 1
    assert note in notes[0]


def test_an_overlap_is_seen_over_what_lies_between():
    _, notes = heard((0, 5, "long"), (1, 2, "in"), (2, 3, ""), (4, 6, "late"))
    assert notes == [
        "word 'in' at 1.0 s overlaps 'long', which ends at 5.0 s",
        "word 'late' at 4.0 s overlaps 'long', which ends at 5.0 s",
    ]


@pytest.mark.parametrize(("step_s", "count"), [(0.001, 1), (0.02, 0)])
def test_an_overlap_by_rounding_is_not_worth_a_note(step_s, count):
    assert heard((0, 1.0000001, "a"), (1, 2, "b"))[1] == []
    assert len(heard((0, 1.02, "a"), (1, 2, "b"), step_s=step_s)[1]) == count


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        (2, 1, "the word 'a' from 2.0 to 1.0 s ends before it starts"),
        (math.nan, 1, "ends before it starts"),
        (1, math.nan, "ends before it starts"),
        (0, math.inf, "from 0.0 to inf s is too late or early; are these seconds"),
        (-1e9, 1, "are these seconds"),
    ],
)
@pytest.mark.parametrize("label", ["a", ""])
def test_impossible_times_are_refused_even_in_silence(start, end, reason, label):
    with pytest.raises(AlignmentError, match=reason.replace("'a'", repr(label))) as caught:
        heard((start, end, label, None, 3))
    assert caught.value.line == 3


@pytest.mark.parametrize(
    ("said", "confidence"),
    [(None, None), (0.5, 0.5), ("0.5", 0.5), ("1", 1.0), (-0.1, None), ("nan", None), ("", None)],
)
def test_a_confidence_is_a_number_from_0_to_1(said, confidence):
    (interval,), notes = heard((0, 1, "a", said))
    assert interval.confidence == confidence
    assert len(notes) == (confidence is None and said is not None)


times = st.floats(-5, 15)


@given(st.lists(st.tuples(times, times, st.sampled_from(["a", "b", "sil", "<unk>"]))))
def test_every_mark_is_heard_or_noted_or_silent(marks):
    marks = [(min(a, b), max(a, b), label) for a, b, label in marks]
    intervals, notes = heard(*marks)
    possible = [
        (max(a, 0.0), b, label) for a, b, label in marks if label != "sil" and b > max(a, 0)
    ]
    assert sorted((each.start, each.end, each.label) for each in intervals) == sorted(possible)
    left_out = sum("left out" in note for note in notes)
    assert len(possible) + left_out == sum(label != "sil" for _, _, label in marks)
    assert [each.start for each in intervals] == sorted(each.start for each in intervals)
