from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.corpus import open_corpus
from pipeline.corpus.checks import check, find_problems
from pipeline.corpus.packed_intervals import PackedIntervals, Table
from pipeline.corpus.utterance import Corpus, Problem, Utterance
from pipeline.time_axis import Interval


def utterance(name, words="one two", times=((0.0, 0.5), None), **others):
    words = tuple(words.split())
    intervals = [time and Interval(word, *time) for word, time in zip(words, times, strict=True)]
    given_values = {"speaker": "s", "duration_s": 30.0, "sample_rate_hz": 16_000} | others
    return Utterance(
        id=name, audio=Path(f"{name}.wav"), words=words, word_intervals=tuple(intervals),
        **given_values,
    )  # fmt: skip


def corpus(*utterances, **others):
    return Corpus("c", Path("/c"), utterances, **others)


def test_what_a_corpus_holds_is_counted():
    report = check(
        corpus(
            utterance("a", "One two one,", ((0.0, 0.1), (0.1, 0.3), None), speaker="ada"),
            utterance("b", "ONE", ((0.0, 0.4),), speaker="bob", duration_s=90.0),
            utterance("c", "four", (None,), speaker="ada", sample_rate_hz=8_000),
            unaligned=(utterance("d"),),
            aligner="MFA",
        )
    )
    assert (report.name, report.utterances, report.unaligned, report.aligner) == ("c", 3, 1, "MFA")
    assert report.hours == pytest.approx(150 / 3600)
    assert list(report.speaker_minutes.items()) == [("bob", 1.5), ("ada", 1.0)]
    assert (report.tokens, report.tokens_with_times, report.coverage) == (5, 3, 0.6)
    assert report.types == 3
    assert report.effective_types == pytest.approx(1 / (0.6**2 + 0.2**2 + 0.2**2))
    assert report.median_word_s == pytest.approx(0.2)
    assert list(report.sample_rates_hz.items()) == [(8_000, 1), (16_000, 2)]


@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=30))
def test_effective_types_is_the_inverse_chance_that_two_words_are_one_type(words):
    report = check(corpus(utterance("a", " ".join(words), (None,) * len(words))))
    pairs = [one == other for one in words for other in words]
    assert report.effective_types == pytest.approx(len(pairs) / sum(pairs))
    assert 1 - 1e-9 <= report.effective_types <= report.types + 1e-9 == len(set(words)) + 1e-9


@given(st.lists(st.integers(1, 30_000), max_size=30))
def test_every_duration_is_in_the_bin_between_its_edges(durations_ms):
    times = [(0.0, each / 1000) for each in durations_ms]
    report = check(corpus(utterance("a", " ".join("w" for _ in times), times)))
    edges = report.duration_edges_s
    bins = Counter(max(i for i, edge in enumerate(edges) if edge <= end) for _, end in times)
    assert report.duration_counts.tolist() == [bins[i] for i in range(len(edges) - 1)]


def test_an_empty_corpus_has_no_shares_of_nothing():
    report = check(corpus())
    assert (report.coverage, report.effective_types, report.hours) == (0.0, 0.0, 0.0)
    assert np.isnan(report.median_word_s)
    assert report.verdict == "not usable"


@pytest.mark.parametrize(
    ("left_out", "verdict"),
    [(None, "sound"), ("nothing", "sound"), ("words", "usable, with gaps"),
     ("utterance", "usable, with gaps")],
)  # fmt: skip
def test_a_corpus_is_sound_where_nothing_is_left_out(left_out, verdict):
    problems = [Problem(Path("x"), "why", left_out=left_out)] if left_out else []
    report = check(corpus(utterance("a"), problems=tuple(problems)))
    assert (report.verdict, report.problems) == (verdict, tuple(problems))


def test_a_corpus_without_a_time_is_not_usable():
    assert check(corpus(utterance("a", "one", (None,)))).verdict == "not usable"


def test_what_deserves_a_look_is_a_warning():
    assert check(corpus(utterance("a"))).warnings == ()
    odd = utterance("a", "in a hmm", ((0.0, 0.02), (0.1, 0.13), (1.0, 3.5)), sample_rate_hz=8_000)
    assert check(corpus(odd)).warnings == (
        "1 utterances are sampled below 16000 Hz, and lack high frequencies",
        "1 words are shorter than 30 ms",
        "1 words are longer than 2 s",
    )
    unknown = replace(utterance("a"), sample_rate_hz=None)
    assert check(corpus(unknown)).sample_rates_hz == {}


def test_the_demonstration_is_sound():
    report = check(open_corpus("demo"))
    assert (report.verdict, report.coverage, report.utterances) == ("sound", 1.0, 80)
    assert sum(report.duration_counts) == report.tokens_with_times == report.tokens


PROBLEMS = (
    Problem(Path("/c/a.lab"), "the transcript is empty", "a"),
    Problem(Path("/c/b.TextGrid"), "a word is not said", "b", line=7, left_out="words"),
    Problem(Path("/c/README"), "no recording of this name", left_out="nothing"),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "abR"),
        (" EMPTY ", "a"),
        ("left out", "ab"),
        ("words left out", "b"),
        ("note", "R"),
        ("line 7", "b"),
        ("/c/r", "R"),
        ("zzz", ""),
    ],
)
def test_problems_are_found_by_whatever_is_told_of_them(text, expected):
    found = [problem.file.name[0] for problem in find_problems(PROBLEMS, text)]
    assert found == list(expected)


@given(
    st.lists(
        st.none()
        | st.tuples(st.floats(0, 20), st.floats(1e-6, 20)).map(lambda it: (it[0], sum(it)))
    ),
    st.booleans(),
)
def test_words_are_measured_one_by_one_or_packed_alike(times, packed):
    words = ["w"] * len(times)
    each = utterance("a", " ".join(words), times)
    if packed:
        table = Table.of([None, *each.word_intervals, None])
        each = replace(each, word_intervals=PackedIntervals(table, 1, 1 + len(times)))
    report = check(corpus(each))
    durations = [end - start for start, end in filter(None, times)]
    assert report.tokens_with_times == len(durations)
    assert report.duration_counts.sum() == len(durations)
    short, long = sum(it < 0.03 for it in durations), sum(it > 2 for it in durations)
    told = {
        text.split(" ")[-2] + text.split(" ")[-1]: int(text.split()[0]) for text in report.warnings
    }
    assert told == {k: v for k, v in {"30ms": short, "2s": long}.items() if v}
