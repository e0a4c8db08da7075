"""Real speech in its original layouts, through the public door."""

import json

import pytest

import pipeline

pytestmark = pytest.mark.usefixtures("home")

PLACES = [
    ("LibriSpeech/dev-clean", "alignments-mfa", 29),
    ("LibriSpeech/dev-clean", "alignments-pocketsphinx/dev-clean", 29),
    ("LibriSpeech/test-other", "alignments-pocketsphinx", 25),
    ("LJSpeech", "alignments-mfa/LJSpeech", 14),
    ("LJSpeech", "alignments-pocketsphinx/LJSpeech", 14),
    ("MFA-tests", None, 2),
]
# "uh" is missing in its TextGrid, and one of five "words" was aligned as "word".
MISMATCH = "acoustic_corpus"


@pytest.fixture(scope="module")
def said(shared):
    """What the manifest says of each utterance, by id."""
    text = (shared / "speech" / "manifest.json").read_text(encoding="utf-8")
    return {each["id"]: each for each in json.loads(text)}


@pytest.mark.parametrize(("folder", "alignments", "count"), PLACES)
def test_every_utterance_loads_with_a_time_for_every_word(shared, said, folder, alignments, count):
    speech = shared / "speech"
    corpus = pipeline.open_corpus(speech / folder, alignments and speech / alignments)
    assert len(corpus.utterances) == count
    for utterance in corpus.utterances:
        expected = said[utterance.id]
        assert utterance.audio == speech / expected["audio"]
        assert utterance.sample_rate_hz == expected["sample_rate"]
        assert utterance.duration_s == pytest.approx(expected["duration"], abs=0.006)
        assert len(utterance.words) == expected["n_words"]
        timed = sum(interval is not None for interval in utterance.word_intervals)
        assert timed == expected["n_words"] - 5 * (utterance.id == MISMATCH)
    assert {problem.utterance for problem in corpus.problems} <= {MISMATCH}


def test_these_are_all_seventy(said):
    once = {folder: count for folder, _, count in PLACES}
    assert sum(once.values()) == len(said) == 70


@pytest.mark.parametrize("aligner", ["mfa", "pocketsphinx"])
def test_each_word_has_the_time_of_its_own_spelling(shared, aligner):
    speech = shared / "speech"
    corpus = pipeline.open_corpus(speech / "LJSpeech", speech / f"alignments-{aligner}")
    for utterance in corpus.utterances:
        for word, interval in zip(utterance.words, utterance.word_intervals, strict=True):
            spelled = "".join(filter(str.isalnum, word)).casefold()
            assert "".join(filter(str.isalnum, interval.label)).casefold() in (spelled, "unk")


def test_the_real_mismatch_costs_the_words_in_doubt_and_no_other(shared):
    corpus = pipeline.open_corpus(shared / "speech" / "MFA-tests")
    utterance = corpus.by_id[MISMATCH]
    doubtful = [
        word
        for word, interval in zip(utterance.words, utterance.word_intervals, strict=True)
        if interval is None
    ]
    assert doubtful == ["uh", "words", "words", "words", "words"]
    (problem,) = corpus.problems
    assert (problem.utterance, problem.left_out) == (MISMATCH, "words")
    assert "'word' (21.48-21.79 s)" in problem.reason
