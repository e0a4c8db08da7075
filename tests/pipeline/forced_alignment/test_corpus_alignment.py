from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline.alignments import Alignment, read_alignment
from pipeline.alignments.source import Source
from pipeline.alignments.textgrid import read_tiers
from pipeline.corpus import open_corpus
from pipeline.errors import AlignerError
from pipeline.forced_alignment.corpus_alignment import (
    Outcome,
    align_corpus,
    conclude,
    force_align,
)
from pipeline.forced_alignment.result_folder import Summary, read_summary, textgrid_path
from pipeline.time_axis import Interval


class Even:
    """Gives every word an equal part of the recording, and two phones."""

    name = "even 1.0"
    sample_rate_hz = 8_000
    confidence: float | None = None
    phones = True

    def __init__(self):
        self.heard = []

    def align(self, waveform, sample_rate, words):
        self.heard.append(waveform)
        if "horse" in words:
            raise AlignerError("no horses")
        edges = np.linspace(0.0, len(waveform) / sample_rate, 2 * len(words) + 1).tolist()
        return Alignment(
            [
                Interval(word, edges[2 * index], edges[2 * index + 2], self.confidence)
                for index, word in enumerate(words)
            ],
            [Interval("AH", *pair) for pair in pairwise(edges)] if self.phones else [],
            (f"{len(words)} words",),
        )


@pytest.fixture(scope="module")
def corpus():
    return open_corpus("demo")


@pytest.fixture(scope="module")
def utterance(corpus):
    return corpus.by_id["ada-06"]


def test_words_and_phones_are_written_and_read_back_as_they_are(utterance, tmp_path):
    path = tmp_path / "deep" / "a.TextGrid"
    assert force_align(utterance, Even(), path) == (f"{len(utterance.words)} words",)
    found = read_alignment(path)
    assert tuple(word.label for word in found.words) == utterance.words
    assert len(found.phones) == 2 * len(found.words)
    assert found.words[-1].end == pytest.approx(utterance.duration_s, abs=1 / 8_000)
    assert [tier.name for tier in read_tiers(Source.open(path))[0]] == ["words", "phones"]
    assert [file.name for file in path.parent.iterdir()] == ["a.TextGrid"]


def test_confidence_has_a_tier_of_its_own_and_phones_only_where_there_are_any(utterance, tmp_path):
    aligner = Even()
    aligner.confidence, aligner.phones = 1 / 3, False
    force_align(utterance, aligner, tmp_path / "a.TextGrid")
    (words, confidence), _ = read_tiers(Source.open(tmp_path / "a.TextGrid"))
    assert (words.name, confidence.name) == ("words", "confidence")
    assert [mark[:2] for mark in confidence.marks] == [mark[:2] for mark in words.marks]
    assert {mark.label for mark in confidence.marks} == {"0.3333"}


@pytest.mark.parametrize("rate_hz", [11_025, 22_050, 48_000])
def test_a_resampled_recording_may_end_within_its_last_sample(utterance, tmp_path, rate_hz):
    path = tmp_path / "odd.flac"
    soundfile.write(path, np.full(rate_hz + 1, 0.1), rate_hz)
    odd = replace(utterance, audio=path, duration_s=(rate_hz + 1) / rate_hz)
    force_align(odd, Even(), tmp_path / "odd.TextGrid")
    found = read_alignment(tmp_path / "odd.TextGrid")
    assert found.words[-1].end == pytest.approx(odd.duration_s, abs=1 / 8_000)


def test_a_part_of_a_recording_is_heard_alone_and_its_times_count_from_its_start(
    corpus, utterance, tmp_path
):
    part = replace(
        utterance, id="part", duration_s=0.5, words=("two", "words"), word_intervals=(None, None),
        segment=Interval("part", 0.25, 0.75),
    )  # fmt: skip
    aligner = Even()
    outcomes = list(align_corpus([part], corpus.root, aligner, tmp_path))
    assert outcomes == [Outcome("part", 2, notes=("2 words",))]
    assert len(aligner.heard[0]) == 4_000
    found = read_alignment(tmp_path / "part.TextGrid").words
    assert found == [Interval("two", 0.0, 0.25), Interval("words", 0.25, 0.5)]


def test_an_id_never_leads_out_of_the_folder(corpus, utterance, tmp_path):
    odd = replace(utterance, id="../out", segment=Interval("x", 0.0, 0.5))
    folder = tmp_path / "in"
    (outcome,) = align_corpus([odd], corpus.root, Even(), folder)
    assert "the id leads out of" in outcome.failure
    assert not list(tmp_path.rglob("*.TextGrid"))


def test_one_failure_is_told_with_its_file_and_the_rest_goes_on(corpus, tmp_path, caplog):
    chosen = [corpus.by_id[name] for name in ("ada-06", "ada-01", "ada-09")]
    outcomes = list(align_corpus(chosen, corpus.root, Even(), tmp_path))
    assert [outcome.utterance for outcome in outcomes] == ["ada-06", "ada-01", "ada-09"]
    assert [outcome.failure for outcome in outcomes] == [
        None,
        f"{chosen[1].audio}: no horses",
        None,
    ]
    assert "utterance ada-01 left out: " in caplog.text
    conclude(tmp_path, outcomes)
    words = len(chosen[0].words) + len(chosen[2].words)
    failed = {"ada-01": f"{chosen[1].audio}: no horses"}
    assert read_summary(tmp_path) == Summary("even 1.0", words, failed)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"audio": Path("nowhere.flac")}, "nowhere.flac: cannot be read as audio"),
        ({"words": (), "word_intervals": ()}, "there is no transcript to align"),
    ],
)
def test_what_cannot_be_heard_or_has_no_words_is_told(corpus, utterance, tmp_path, change, reason):
    audio = change.get("audio")
    odd = replace(utterance, **(change | ({"audio": corpus.root / audio} if audio else {})))
    (outcome,) = align_corpus([odd], corpus.root, Even(), tmp_path)
    assert reason in outcome.failure


class Losing(Even):
    """Drops the last word."""

    def align(self, waveform, sample_rate, words):
        found = super().align(waveform, sample_rate, words)
        return replace(found, words=found.words[:-1])


def test_no_word_is_lost_silently_whatever_the_aligner_does(corpus, utterance, tmp_path):
    (outcome,) = align_corpus([utterance], corpus.root, Losing(), tmp_path)
    assert f"other words than the {len(utterance.words)} it was given" in outcome.failure
    assert not textgrid_path(utterance, corpus.root, tmp_path).exists()


def test_what_is_there_is_not_aligned_again_and_a_stopped_run_goes_on(corpus, tmp_path):
    aligner, chosen = Even(), [each for each in corpus.utterances if "horse" not in each.words][:4]
    run = align_corpus(chosen, corpus.root, aligner, tmp_path)
    next(run), next(run)
    run.close()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.TextGrid")}
    assert len(before) == 2
    again = list(align_corpus(chosen, corpus.root, aligner, tmp_path))
    assert [outcome.was_there for outcome in again] == [True, True, False, False]
    assert len(aligner.heard) == 4
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_another_aligner_never_adds_to_the_same_folder(corpus, tmp_path):
    list(align_corpus(corpus.utterances[:1], corpus.root, Even(), tmp_path))
    other = Even()
    other.name = "even 2.0"
    with pytest.raises(AlignerError, match=r"filled by even 1\.0, not by even 2\.0"):
        next(align_corpus(corpus.utterances[:1], corpus.root, other, tmp_path))


def test_a_folder_whose_origin_was_deleted_is_not_concluded(tmp_path):
    with pytest.raises(AlignerError, match="was deleted; align again"):
        conclude(tmp_path, [])
