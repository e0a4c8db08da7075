import json
import sys
from itertools import pairwise

import numpy as np
import pytest

from pipeline.alignments import read_alignment
from pipeline.corpus import open_corpus
from pipeline.errors import AlignerError
from pipeline.forced_alignment import Aligner, open_aligner, pocketsphinx_aligner
from pipeline.models.waveform import read_waveform, resample

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def aligner():
    return open_aligner("pocketsphinx")


@pytest.fixture(scope="module")
def demonstration():
    """Every fourth utterance; their word times are exact."""
    return open_corpus("demo").utterances[::4]


@pytest.fixture(scope="module")
def spoken(demonstration):
    utterance = demonstration[0]
    return read_waveform(utterance.audio, RATE_HZ), utterance.words


def heard(aligner, utterance):
    waveform = read_waveform(utterance.audio, RATE_HZ)
    return aligner.align(waveform, RATE_HZ, utterance.words)


def test_it_is_an_aligner_that_says_its_version(aligner):
    assert isinstance(aligner, Aligner)
    assert aligner.name == "pocketsphinx 5.1.1 (en-us)"


def test_every_word_of_synthetic_speech_is_found_where_it_was_put(aligner, demonstration):
    differences_s = []
    for utterance in demonstration:
        found = heard(aligner, utterance).words
        assert tuple(word.label for word in found) == utterance.words
        for word, truth in zip(found, utterance.word_intervals, strict=True):
            differences_s += [abs(word.start - truth.start), abs(word.end - truth.end)]
    assert len(differences_s) > 100
    assert np.median(differences_s) <= 0.02
    assert np.mean(np.array(differences_s) <= 0.1) > 0.9


def test_times_are_those_of_the_montreal_forced_aligner_and_no_word_is_lost(aligner, shared):
    speech = shared / "speech"
    listed = json.loads((speech / "manifest.json").read_text(encoding="utf-8"))
    chosen = [entry for entry in listed if entry["speaker"] == "84"]
    assert len(chosen) == 29
    starts_s = []
    for entry in chosen:
        words = entry["transcript"].split()
        waveform = read_waveform(speech / entry["audio"], RATE_HZ)
        found = aligner.align(waveform, RATE_HZ, words)
        assert [word.label for word in found.words] == words
        assert found.words[-1].end <= len(waveform) / RATE_HZ
        assert all(word.end <= after.start for word, after in pairwise(found.words))
        assert found.phones
        reference = read_alignment(speech / entry["alignments"]["mfa"]).words
        starts_s += [
            abs(one.start - other.start) for one, other in zip(found.words, reference, strict=True)
        ]
    assert len(starts_s) == 530
    assert np.median(starts_s) <= 0.010 + 1e-9
    assert np.mean(starts_s) <= 0.015


def test_phones_fill_their_words(aligner, spoken):
    found = aligner.align(spoken[0], RATE_HZ, spoken[1])
    starts, ends = ({getattr(phone, edge) for phone in found.phones} for edge in ("start", "end"))
    assert {word.start for word in found.words} <= starts
    assert {word.end for word in found.words} <= ends
    assert all(phone.label.isalpha() and phone.label.isupper() for phone in found.phones)


def test_times_do_not_depend_on_what_was_heard_before(aligner, demonstration):
    for utterance in demonstration[:4]:
        heard(aligner, utterance)
    for utterance in demonstration[4:7]:
        assert heard(aligner, utterance) == heard(open_aligner("pocketsphinx"), utterance)


def test_speech_that_fills_the_recording_keeps_its_first_and_last_word(aligner, demonstration):
    for utterance in demonstration:
        first, last = utterance.word_intervals[0], utterance.word_intervals[-1]
        start, end = round(first.start * RATE_HZ), round(last.end * RATE_HZ)
        waveform = read_waveform(utterance.audio, RATE_HZ)[start:end]
        found = aligner.align(waveform, RATE_HZ, utterance.words).words
        assert tuple(word.label for word in found) == utterance.words
        assert found[0].start >= 0
        assert found[-1].end <= len(waveform) / RATE_HZ


def test_another_sample_rate_gives_the_same_times(aligner, spoken):
    waveform, words = spoken
    expected = aligner.align(waveform, RATE_HZ, words).words
    faster = resample(waveform, RATE_HZ, 22_050)
    found = aligner.align(faster, 22_050, words).words
    assert found[-1].end <= len(faster) / 22_050
    for one, other in zip(found, expected, strict=True):
        assert one.start == pytest.approx(other.start, abs=0.031)


def test_unknown_words_are_guessed_each_time_and_noted(aligner, spoken):
    waveform, words = spoken
    odd = ["thuh" if word == "the" else word for word in words]
    assert "thuh" in odd
    for _ in range(2):
        found = aligner.align(waveform, RATE_HZ, odd)
        assert [word.label for word in found.words] == odd
        assert found.notes == ("pronunciation guessed from the letters: thuh",)


def test_more_words_than_are_said_are_refused(aligner, spoken):
    waveform, words = spoken
    longer = (*words, "incredible", "elephants", "demonstrated", "geometry")
    with pytest.raises(AlignerError, match=f"of the {len(longer)} words of the transcript, 0 can"):
        aligner.align(waveform, RATE_HZ, longer)
    with pytest.raises(AlignerError, match="can be found in the recording"):
        aligner.align(waveform[:800], RATE_HZ, words)


def test_a_word_in_digits_is_named(aligner, spoken):
    with pytest.raises(AlignerError, match="the word '1984' cannot be pronounced"):
        aligner.align(spoken[0], RATE_HZ, ["in", "1984"])


def test_a_word_that_pocketsphinx_drops_is_never_lost_silently(aligner, spoken, monkeypatch):
    find = pocketsphinx_aligner._words  # noqa: SLF001
    monkeypatch.setattr(pocketsphinx_aligner, "_words", lambda *of: find(*of)[:-1])
    count = len(spoken[1])
    with pytest.raises(AlignerError, match=f"of the {count} words .* {count - 1} can be found"):
        aligner.align(spoken[0], RATE_HZ, spoken[1])


def test_a_word_outside_of_the_recording_is_refused(aligner, spoken, monkeypatch):
    waveform, words = spoken
    find = pocketsphinx_aligner._words  # noqa: SLF001
    late = len(waveform) / RATE_HZ + 0.1

    def shifted(*of):
        *others, last = find(*of)
        return [*others, last._replace(start=late, end=late + 0.1)]

    monkeypatch.setattr(pocketsphinx_aligner, "_words", shifted)
    with pytest.raises(AlignerError, match=f"1 of the {len(words)} words would be outside"):
        aligner.align(waveform, RATE_HZ, words)


def test_words_are_kept_where_their_phones_are_not_found(aligner, spoken, monkeypatch):
    expected = aligner.align(spoken[0], RATE_HZ, spoken[1])
    run, runs = pocketsphinx_aligner._run, []  # noqa: SLF001

    def once(*of):
        runs.append(of)
        if len(runs) > 1:
            raise RuntimeError("Failed to stop utterance processing")
        run(*of)

    monkeypatch.setattr(pocketsphinx_aligner, "_run", once)
    found = aligner.align(spoken[0], RATE_HZ, spoken[1])
    assert (found.words, found.phones) == (expected.words, [])
    assert found.notes == ("no phones: pocketsphinx's second run failed",)


def test_what_is_not_found_is_searched_more_widely_and_noted(aligner):
    utterance = open_corpus("demo").by_id["eve-05"]
    found = heard(aligner, utterance)
    assert tuple(word.label for word in found.words) == utterance.words
    assert found.notes == ("hard to find: check that the transcript is what is said",)


def test_without_the_package_one_command_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    with pytest.raises(AlignerError, match=r"not installed: pip install pocketsphinx$"):
        open_aligner("pocketsphinx")
