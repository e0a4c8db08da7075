from itertools import combinations

import hypothesis.strategies as st
import pytest
from hypothesis import assume, given

from pipeline.alignments import read_alignment
from pipeline.alignments.matching import match_words
from pipeline.time_axis import Interval

words = st.lists(st.sampled_from("abc"), max_size=6)


def intervals_of(labels):
    return [Interval(label, float(index), index + 1.0) for index, label in enumerate(labels)]


def matched(transcript, labels):
    """Return the position of the interval that each word got."""
    found = match_words(transcript, intervals_of(labels)).intervals
    return [interval and int(interval.start) for interval in found]


def all_longest_matchings(transcript, labels):
    """Return every order-preserving matching that is as long as any: by trying all."""
    for size in range(min(len(transcript), len(labels)), -1, -1):
        found = [
            dict(zip(rows, columns, strict=True))
            for rows in combinations(range(len(transcript)), size)
            for columns in combinations(range(len(labels)), size)
            if all(transcript[i] == labels[j] for i, j in zip(rows, columns, strict=True))
        ]
        if found:
            return found
    raise AssertionError


@given(words, words)
def test_a_pair_is_kept_if_every_longest_matching_has_it(transcript, labels):
    candidates = all_longest_matchings(transcript, labels)
    certain = set.intersection(*(set(each.items()) for each in candidates))
    found = matched(transcript, labels)
    assert {(i, j) for i, j in enumerate(found) if j is not None} == certain


@given(words, words)
def test_labels_agree_order_holds_and_everything_is_accounted_for(transcript, labels):
    intervals = intervals_of(labels)
    matching = match_words(transcript, intervals)
    pairs = [(i, it) for i, it in enumerate(matching.intervals) if it is not None]
    assert all(transcript[i] == interval.label for i, interval in pairs)
    starts = [interval.start for _, interval in pairs]
    assert starts == sorted(set(starts))
    assert sorted([*(i for i, _ in pairs), *matching.unmatched_words]) == [*range(len(transcript))]
    kept = [interval for _, interval in pairs]
    assert sorted([*kept, *matching.unmatched_intervals]) == sorted(intervals)


@given(words, words, st.data())
def test_without_one_interval_no_other_word_is_given_another(transcript, labels, data):
    assume(labels)
    gone = data.draw(st.integers(0, len(labels) - 1))
    intervals = intervals_of(labels)
    before = match_words(transcript, intervals).intervals
    after = match_words(transcript, intervals[:gone] + intervals[gone + 1 :]).intervals
    for had, has in zip(before, after, strict=True):
        if had == intervals[gone]:
            assert has is None
        elif had is not None:
            assert has in (had, None)


@given(st.lists(st.integers(0, 99).map(str), unique=True), st.data())
def test_words_that_are_all_different_lose_only_what_is_missing(transcript, data):
    present = [data.draw(st.booleans()) for _ in transcript]
    labels = [word for word, kept in zip(transcript, present, strict=True) if kept]
    matching = match_words(transcript, intervals_of(labels))
    expected = [word if kept else None for word, kept in zip(transcript, present, strict=True)]
    assert [it and it.label for it in matching.intervals] == expected
    assert matching.unmatched_intervals == ()


@pytest.mark.parametrize(
    ("transcript", "labels", "expected"),
    [
        ("very very good", "very good", [None, None, 1]),
        ("very good", "very very good", [None, 2]),
        ("a rose is a rose", "a rose is a rose", [0, 1, 2, 3, 4]),
        ("the cat the dog", "the dog", [None, None, None, 1]),
        ("one two three", "one deux three", [0, None, 2]),
        ("one two", "two one", [None, None]),
        ("", "one", []),
        ("one", "", [None]),
        ("", "", []),
    ],
)
def test_what_is_in_doubt_is_left_out_and_the_rest_is_not_shifted(transcript, labels, expected):
    assert matched(transcript.split(), labels.split()) == expected


def test_labels_without_a_letter_never_match():
    assert matched(["-", "..."], ["-", "..."]) == [None, None]


@pytest.mark.parametrize(
    ("transcript", "labels", "expected"),
    [
        ("an odd word", "an <unk> word", [0, 1, 2]),
        ("two odd words", "two <unk> <UNK>", [0, 1, 2]),
        ("an odd word", "an <unk> <unk> word", [0, None, 3]),
        ("an odder odd word", "an <unk> word", [0, None, None, 2]),
        ("an odd word", "an <unk> other word", [0, None, 3]),
        ("<unk> odd", "<unk> odd", [0, 1]),
    ],
)
def test_unknown_words_get_the_places_that_only_they_can_have(transcript, labels, expected):
    assert matched(transcript.split(), labels.split()) == expected


def test_words_that_the_aligner_did_not_know_are_flagged():
    matching = match_words(["an", "odd", "word"], intervals_of(["an", "<unk>", "word"]))
    assert matching.unknown_words == (1,)
    assert matching.unmatched_intervals == ()


@pytest.mark.parametrize(
    ("transcript", "labels", "expected"),
    [
        ("in 1455 he", "in fourteen fifty five he", [(0, 1), (1, 4), (4, 5)]),
        ("in 1455", "in fourteen fifty five", [(0, 1), (1, 4)]),
        ("1455 5", "fourteen fifty five five", [None, None]),
        ("in 1455 he", "in 55 he", [(0, 1), None, (2, 3)]),
        ("in odd he", "in fourteen fifty he", [(0, 1), None, (3, 4)]),
        ("1455 1455", "1455 1455", [(0, 1), (1, 2)]),
    ],
)
def test_a_number_in_digits_gets_all_the_words_it_was_spoken_in(transcript, labels, expected):
    found = match_words(transcript.split(), intervals_of(labels.split())).intervals
    assert [interval and (interval.start, interval.end) for interval in found] == expected


def test_a_real_pair_loses_the_missing_word_and_a_doubtful_repetition(shared):
    folder = shared / "speech" / "MFA-tests"
    transcript = (folder / "acoustic_corpus.lab").read_text(encoding="utf-8").split()
    intervals = read_alignment(folder / "acoustic_corpus.TextGrid").words
    matching = match_words(transcript, intervals)
    # "uh" has no interval; "words words words words" was aligned as "words words word words".
    unmatched = [transcript[index] for index in matching.unmatched_words]
    assert unmatched == ["uh", *4 * ["words"]]
    left = [interval.label for interval in matching.unmatched_intervals]
    assert left == ["words", "words", "word", "words"]
    assert len(transcript) - len(unmatched) == len(intervals) - len(left) == 54
