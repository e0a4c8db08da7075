from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.corpus.flags import Flag, flagged_utterances, utterance_flags
from pipeline.corpus.packed_intervals import PackedIntervals, Table
from pipeline.corpus.utterance import Corpus, Problem, Utterance
from pipeline.time_axis import Interval

LENGTH_S = 10.0


def utterance(*times, labels=None, rate_hz=16_000, name="a"):
    labels = labels or ["w"] * len(times)
    intervals = [time and Interval(label, *time) for label, time in zip(labels, times, strict=True)]
    return Utterance(
        name, "ada", Path("a.wav"), LENGTH_S, ("w",) * len(times), intervals, sample_rate_hz=rate_hz
    )


def corpus(*utterances, noted=()):
    problems = tuple(Problem(Path("a.TextGrid"), "odd", name, left_out="nothing") for name in noted)
    return Corpus("c", Path("/c"), utterances, problems)


def test_a_sound_utterance_has_no_flag():
    sound = utterance((0.0, 0.03), (0.03, 2.03))
    assert utterance_flags(sound) == ()
    assert flagged_utterances(corpus(sound)) == {}


@pytest.mark.parametrize(
    ("time", "kind", "text"),
    [
        (None, "no time", "the alignment does not say when it was spoken"),
        ((1.0, 1.029), "short", "shorter than 30 ms"),
        ((1.0, 3.001), "long", "longer than 2 s"),
        ((9.5, 10.04), "outside", "ends 40 ms after the recording"),
    ],
)
def test_an_odd_word_is_flagged_by_its_index(time, kind, text):
    odd = utterance((0.0, 0.5), time)
    assert utterance_flags(odd) == (Flag(kind, text, 1),)
    assert flagged_utterances(corpus(odd)) == {"a": {kind}}


def test_a_low_rate_is_the_utterance_s_own():
    low = utterance((0.0, 0.5), rate_hz=8_000)
    (flag,) = utterance_flags(low)
    assert (flag.kind, flag.word) == ("rate", None)
    assert flagged_utterances(corpus(low)) == {"a": {"rate"}}
    assert utterance_flags(utterance((0.0, 0.5), rate_hz=None)) == ()


def test_what_the_aligner_did_not_know_is_flagged_and_noted():
    unknown = utterance((0.0, 0.5), (0.5, 1.0), labels=["so", "<UNK>"])
    assert [(flag.kind, flag.word) for flag in utterance_flags(unknown)] == [("unknown", 1)]
    assert flagged_utterances(corpus(unknown, noted=["a"])) == {"a": {"note", "unknown"}}


TIMES = st.none() | st.tuples(st.floats(0, 9), st.floats(0.001, 3)).map(lambda t: (t[0], sum(t)))


@given(st.lists(TIMES, min_size=1, max_size=8), st.sampled_from([8_000, 16_000]), st.booleans())
def test_a_corpus_says_the_same_as_each_of_its_utterances(times, rate_hz, packed):
    one = utterance(*times, rate_hz=rate_hz)
    if packed:
        table = Table.of([None, *one.word_intervals])
        intervals = PackedIntervals(table, 1, len(times) + 1)
        one = Utterance(
            "a", "ada", Path("a.wav"), LENGTH_S, one.words, intervals, sample_rate_hz=rate_hz
        )
    kinds = {flag.kind for flag in utterance_flags(one)}
    assert flagged_utterances(corpus(one)) == ({"a": kinds} if kinds else {})
