import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.alignments.alignment import Alignment
from pipeline.alignments.spelling import comparable
from pipeline.corpus.fitting import ROUNDING_S, TOLERANCE_S, fit
from pipeline.time_axis import Interval

DURATION_S = 4.0
WORDS = st.sampled_from(["a", "b", "c", "<unk>", "-"])


def alignment_of(intervals, phones=(), notes=()):
    return Alignment(sorted(intervals, key=lambda it: (it.start, it.end)), list(phones), notes)


@st.composite
def intervals_of(draw):
    """Intervals on a grid of 0.1 s, many side by side, some overlapping or after the end."""
    starts = draw(st.lists(st.integers(0, 45), max_size=8))
    lengths = [draw(st.integers(1, 6)) for _ in starts]
    labels = [draw(WORDS) for _ in starts]
    return [
        Interval(label, start / 10, (start + length) / 10)
        for label, start, length in zip(labels, starts, lengths, strict=True)
    ]


def overlaps_another(interval, others):
    """By brute force: whether it shares more than a rounding with any other."""
    return any(
        min(interval.end, other.end) - max(interval.start, other.start) > ROUNDING_S
        for other in others
        if other is not interval
    )


def is_outside(interval):
    return interval.end > DURATION_S + TOLERANCE_S


def is_listed(interval, reasons):
    return any(
        f"{interval.label!r} ({interval.start:.2f}-{interval.end:.2f} s)" in reason
        for reason in reasons
    )


@given(intervals_of(), st.lists(WORDS, max_size=8).map(tuple))
def test_every_interval_is_given_to_a_word_as_it_is_or_listed_with_its_reason(intervals, words):
    fitted = fit(alignment_of(intervals), words, DURATION_S)
    assert fitted.words == words
    assert len(fitted.word_intervals) == len(words)
    inside = [it for it in intervals if not is_outside(it)]
    clean = [it for it in inside if not overlaps_another(it, inside)]
    given_to = [it for it in fitted.word_intervals if it is not None]
    # Nothing is shifted, shortened or used twice, and order is that of time.
    assert all(it in clean for it in given_to)
    assert given_to == sorted(given_to, key=lambda it: it.start)
    assert len({(it.start, it.end) for it in given_to}) == len(given_to)
    for interval in intervals:
        assert (interval in given_to) or is_listed(interval, fitted.left_out)
    for interval in intervals:
        reasons = [r for r in fitted.left_out if is_listed(interval, [r])]
        assert any(r.startswith("the recording lasts") for r in reasons) == is_outside(interval)
    assert any(r.startswith("these intervals overlap") for r in fitted.left_out) == (
        clean != inside
    )


@given(intervals_of(), st.lists(st.sampled_from("abc"), max_size=8).map(tuple))
def test_a_word_has_the_interval_of_its_own_label(intervals, words):
    fitted = fit(alignment_of(intervals), words, DURATION_S)
    for word, interval in zip(words, fitted.word_intervals, strict=True):
        assert interval is None or interval.label in (word, "<unk>")
    missing = [w for w, it in zip(words, fitted.word_intervals, strict=True) if it is None]
    named = [r for r in fitted.left_out if "does not say when" in r]
    assert [r.rpartition(": ")[2].split(", ") for r in named] == ([missing] if missing else [])


@given(intervals_of())
def test_without_a_transcript_what_can_be_used_is_what_was_spoken(intervals):
    fitted = fit(alignment_of(intervals), None, DURATION_S)
    inside = [it for it in intervals if not is_outside(it)]
    clean = [it for it in inside if not overlaps_another(it, inside)]
    spoken = [it for it in sorted(clean, key=lambda it: it.start) if comparable(it.label)]
    assert fitted.word_intervals == tuple(spoken)
    assert fitted.words == tuple(it.label for it in spoken)


@given(intervals_of(), st.integers(0, 30), st.integers(1, 15))
def test_a_segment_has_what_lies_inside_it_on_its_own_clock(intervals, start, length):
    start_s, duration_s = start / 10, length / 10
    inside = [
        it
        for it in sorted(intervals, key=lambda it: (it.start, it.end))
        if it.start >= start_s - 1e-9 and it.end <= start_s + duration_s + 1e-9
    ]
    assume(not any(overlaps_another(it, inside) for it in inside))
    fitted = fit(alignment_of(intervals, intervals), None, duration_s, start_s)
    spoken = [it for it in inside if comparable(it.label)]
    assert fitted.words == tuple(it.label for it in spoken)
    for found, whole in zip(fitted.word_intervals, spoken, strict=True):
        assert found.start == pytest.approx(whole.start - start_s, abs=1e-9)
        assert found.end == pytest.approx(whole.end - start_s, abs=1e-9)
    assert len(fitted.phone_intervals) == len(inside)
    assert not any("recording lasts" in reason for reason in fitted.left_out)


def test_a_word_across_the_end_of_a_segment_is_not_spoken_in_it():
    intervals = [Interval("a", 0.0, 1.0), Interval("b", 1.0, 2.0)]
    assert fit(alignment_of(intervals), None, 1.5, 0.0).words == ("a",)
    assert fit(alignment_of(intervals), None, 1.5, 0.5).words == ("b",)


def test_a_confidence_is_kept():
    alignment = alignment_of([Interval("a", 1.0, 2.0, 0.25)])
    assert fit(alignment, ("a",), 3.0).word_intervals[0].confidence == 0.25
    assert fit(alignment, ("a",), 2.0, 0.5).word_intervals[0].confidence == 0.25


def test_an_interval_may_end_a_frame_after_the_recording_and_overlap_by_a_rounding():
    intervals = [Interval("a", 0.0, 1.0009), Interval("b", 1.0, 2.0499)]
    fitted = fit(alignment_of(intervals, intervals), ("a", "b"), 2.0)
    assert fitted.word_intervals == fitted.phone_intervals == tuple(intervals)
    assert fitted.left_out == ()


def test_phones_after_the_recording_are_left_out():
    phones = [Interval("A", 0.0, 1.0), Interval("B", 1.0, 3.0)]
    assert fit(alignment_of([], phones), (), 2.0).phone_intervals == (phones[0],)


def test_what_is_odd_but_used_is_a_note():
    alignment = alignment_of([Interval("<unk>", 0.0, 1.0)], notes=("tier 'x' is not read",))
    fitted = fit(alignment, ("zyzzyva",), 2.0)
    assert fitted.left_out == ()
    assert fitted.notes[0] == "tier 'x' is not read"
    assert re.search(r"did not know these words.*: zyzzyva$", fitted.notes[1])
