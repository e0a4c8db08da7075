import json
from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from pipeline import open_corpus
from pipeline.alignments import read_recordings
from pipeline.commands.align import align, write_thesis_json
from pipeline.errors import AlignmentError
from pipeline.time_axis import Interval

NAME = "audio_alignments_20_16.json"


def layout(words, transcript=None, path="84/1/84-1-0000.flac"):
    said = " ".join(words) if transcript is None else transcript
    return json.dumps({path: {"transcript_audio": said, **words}})


def test_a_word_lasts_from_its_first_frame_to_the_end_of_its_last(recordings):
    content = layout({"the": [[5, 9], [0, 1]], "end": [[12, 12]]}, "the the end")
    found = recordings(NAME, content)["84/1/84-1-0000.flac"]
    assert found.words == [
        Interval("the", 0.0, 0.04),
        Interval("the", 0.1, 0.2),
        Interval("end", 0.24, 0.26),
    ]
    assert (found.phones, found.notes) == ([], ())


@pytest.mark.parametrize(
    ("name", "stride_s"),
    [
        ("audio_alignments_20_16.json", Fraction(320, 16_000)),
        ("audio_alignments_13.33_24.json", Fraction(320, 24_000)),
        ("audio_alignments_13.3333_24.json", Fraction(320, 24_000)),
        ("audio_alignments_10_22.05.json", Fraction(441, 2 * 22_050)),
        ("AUDIO_ALIGNMENTS_20_16.JSON".lower(), Fraction(1, 50)),
    ],
)
def test_the_name_tells_the_stride_to_the_sample(recordings, name, stride_s):
    (found,) = recordings(name, layout({"word": [[100_000, 100_000]]})).values()
    assert found.words[0].start == pytest.approx(float(100_000 * stride_s), rel=1e-12)
    assert found.words[0].end == pytest.approx(float(100_001 * stride_s), rel=1e-12)


@pytest.mark.parametrize("name", ["alignments.json", "audio_alignments_20.json", "x_20_16.json"])
def test_a_name_without_stride_is_refused(recordings, name):
    with pytest.raises(AlignmentError, match="expected audio_alignments_STRIDE_RATE"):
        recordings(name, layout({"word": [[0, 1]]}))


def test_a_stride_of_nothing_is_refused(recordings):
    with pytest.raises(AlignmentError, match="expected audio_alignments_STRIDE_RATE"):
        recordings("audio_alignments_0_16.json", layout({"word": [[0, 1]]}))


def test_words_of_the_transcript_without_frames_are_noted(recordings):
    (found,) = recordings(NAME, layout({"the": [[0, 1]]}, "the end of the")).values()
    assert found.notes == (
        "word 'the' of the transcript has no frames, 1 times",
        "word 'end' of the transcript has no frames, 1 times",
        "word 'of' of the transcript has no frames, 1 times",
    )


@pytest.mark.parametrize(("second", "noted"), [([2, 4], False), ([1, 4], True)])
def test_neighbours_may_share_a_frame_and_no_more(recordings, second, noted):
    (found,) = recordings(NAME, layout({"one": [[0, 2]], "two": [second]})).values()
    assert len(found.words) == 2
    assert bool(found.notes) == noted


@pytest.mark.parametrize(
    ("spans", "reason"),
    [
        ([[5, 4]], r"the first and the last frame, in this order, at .*flac\.word\[0\]"),
        ([[5]], r"an array of 2 values at .*word\[0\]"),
        ([[0.5, 1]], r"a whole number from 0 on, not too large at .*word\[0\]\[0\]"),
        ([[-1, 1]], "a whole number from 0 on"),
        ("cut", "an array at"),
        ([[10**9, 10**9]], "are these seconds"),
        ([[0, 10**400]], "whole number"),
    ],
)
def test_damage_is_refused_with_its_place(recordings, spans, reason):
    with pytest.raises(AlignmentError, match=reason):
        recordings(NAME, layout({"word": spans}))


def test_an_utterance_without_transcript_is_refused(recordings):
    content = json.dumps({"a": {"transcript_audio": ""}, "b": {"one": [[0, 1]]}})
    with pytest.raises(AlignmentError, match="the key 'transcript_audio' at b"):
        recordings(NAME, content)


@pytest.mark.parametrize(("stride_ms", "rate_hz"), [(20.0, 16_000), (13.3333, 24_000)])
@pytest.mark.parametrize("rule", ["centre", "thesis"])
def test_what_the_command_writes_is_read_within_a_frame(tmp_path, stride_ms, rate_hz, rule):
    corpus = open_corpus("demo")
    path = tmp_path / f"audio_alignments_{stride_ms:g}_{rate_hz / 1000:g}.json"
    write_thesis_json(list(align(corpus, stride_ms, rate_hz, rule)), corpus.root, path)
    found = read_recordings(path)
    assert len(found) == len(corpus.utterances)
    for utterance in corpus.utterances:
        read = found[utterance.audio.relative_to(corpus.root).as_posix()]
        assert tuple(word.label for word in read.words) == utterance.words
        times = [(word.start, word.end) for word in read.words]
        written = [(word.start, word.end) for word in utterance.word_intervals]
        np.testing.assert_allclose(times, written, atol=1.01 * stride_ms / 1000)


spans = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 100)), min_size=1, max_size=4)


@given(st.dictionaries(st.text("abc", min_size=1), spans, min_size=1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_words_are_read_as_they_were_written(recordings, words):
    written = {
        word: [(first, first + more) for first, more in each] for word, each in words.items()
    }
    (found,) = recordings(NAME, layout(written)).values()
    expected = sorted(
        (first, last + 1, word) for word, each in written.items() for first, last in each
    )
    read = [(each.start * 50, each.end * 50, each.label) for each in found.words]
    assert sorted((round(start), round(end), label) for start, end, label in read) == expected
    np.testing.assert_allclose([each[:2] for each in read], np.round([each[:2] for each in read]))
