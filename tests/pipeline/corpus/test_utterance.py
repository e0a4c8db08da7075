from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from pipeline.corpus.utterance import Corpus, Problem, Utterance
from pipeline.errors import AlignmentError, AudioError, CorpusError
from pipeline.time_axis import Interval

ONE = Interval("one", 0.0, 0.5)
UTTERANCE = Utterance("7-1-0000", "7", Path("a.flac"), 1.0, ("one", "two"), (ONE, None))
PHONE = Interval("W", 0.0, 0.1)


def corpus(*utterances):
    return Corpus("c", Path("/c"), utterances)


def test_every_word_has_an_interval_or_none():
    with pytest.raises(ValueError, match="utterance 7-1-0000: 2 words, but 1 word intervals"):
        replace(UTTERANCE, word_intervals=(ONE,))


def test_units_are_the_words_of_the_transcript_or_the_phones():
    utterance = replace(UTTERANCE, phone_intervals=(PHONE,))
    assert utterance.units("word") == (("one", "two"), (ONE, None))
    assert utterance.units("phone") == (("W",), (PHONE,))


@given(st.lists(st.sampled_from("abc"), max_size=4))
def test_ids_are_unique_and_sorted(ids):
    utterances = tuple(replace(UTTERANCE, id=name) for name in ids)
    if all(one < other for one, other in pairwise(ids)):
        assert list(corpus(*utterances).by_id) == ids
    else:
        with pytest.raises(CorpusError, match="corpus c: utterance ids must be unique and sorted"):
            corpus(*utterances)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "7-1-0001"},
        {"speaker": "8"},
        {"words": ("one", "too")},
        {"word_intervals": (Interval("one", 0.0, 0.51), None)},
        {"word_intervals": (None, ONE)},
        {"phone_intervals": (PHONE,)},
    ],
)
def test_the_fingerprint_changes_with_what_the_labels_say(change):
    other = corpus(replace(UTTERANCE, **change)).fingerprint
    assert other != corpus(UTTERANCE).fingerprint


def test_the_fingerprint_does_not_know_where_the_files_are():
    moved = replace(UTTERANCE, audio=Path("/elsewhere/a.flac"))
    assert corpus(moved).fingerprint == corpus(UTTERANCE).fingerprint


def test_words_and_phones_have_digests_of_their_own():
    twin = replace(UTTERANCE, word_intervals=(None, ONE))
    assert twin.words_digest != UTTERANCE.words_digest
    assert twin.phones_digest == UTTERANCE.phones_digest


@pytest.mark.parametrize(
    ("error", "file", "line", "reason"),
    [
        (AudioError("holds no samples"), "a.wav", 3, "holds no samples"),
        (AudioError("/c/a.wav: holds no samples"), "a.wav", 3, "holds no samples"),
        (CorpusError("/c/a.wav is a link"), "a.wav", 3, "is a link"),
        (CorpusError("/c/b.txt: is empty"), "a.wav", 3, "/c/b.txt: is empty"),
        (AlignmentError(Path("/c/a.ctm"), "no word", 7), "a.ctm", 7, "no word"),
    ],
)
def test_an_error_is_a_problem_that_names_its_file_once(error, file, line, reason):
    problem = Problem.of(error, Path("/c/a.wav"), "a", 3, "words")
    assert problem == Problem(Path("/c") / file, reason, "a", line, "words")
    assert problem.place == f"/c/{file}, line {line}"


def test_the_fingerprint_knows_segments_but_not_confidences():
    segment = replace(UTTERANCE, segment=Interval("x", 0.5, 1.5))
    other = replace(UTTERANCE, segment=Interval("x", 0.5, 1.6))
    sure = replace(UTTERANCE, word_intervals=(replace(ONE, confidence=0.9), None))
    prints = [corpus(each).fingerprint for each in (UTTERANCE, segment, other, sure)]
    assert len(set(prints)) == 3
    assert prints[3] == prints[0]
