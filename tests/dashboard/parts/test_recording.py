from dataclasses import replace

import numpy as np

from dashboard import loading
from dashboard.parts.recording import spans_of_words, view_data
from pipeline.corpus import open_corpus
from pipeline.recording_view import RecordingView
from pipeline.request import ComparisonRequest
from pipeline.settings import AlignmentSettings
from pipeline.time_axis import FrameTimes
from pipeline.words.storage import WordEmbeddings

REQUEST = ComparisonRequest("demo", "s3prl:fbank", "s3prl:fbank")


def embeddings(ids):
    first = np.arange(len(ids), dtype=np.int32)
    frames = FrameTimes.regular(len(ids), sample_rate_hz=16_000, stride_samples=160)
    return WordEmbeddings(
        np.zeros((1, len(ids), 2), dtype=np.float32),
        np.array(ids, dtype=np.int32),
        np.stack([first, first + 1], axis=1),
        frames,
    )


def test_words_that_pool_nothing_have_an_empty_range():
    assert spans_of_words(embeddings([0, 2]), 4).tolist() == [[0, 1], [0, 0], [1, 2], [0, 0]]


def test_what_is_not_computed_yet_is_not_drawn():
    utterance = open_corpus("demo").utterances[0]
    found = loading.Recording(utterance, None, (loading.Heard("s3prl:fbank"),))
    data = view_data(REQUEST, found)
    assert (data.peaks, data.spectrogram) == (None, None)
    (track,) = data.tracks
    assert (track.name, len(np.asarray(track.start_s))) == ("s3prl:fbank", 0)
    assert data.audio_url == f"/api/audio/demo/{utterance.id}.wav"


def test_frames_and_pooled_words_are_the_stored_ones():
    utterance = open_corpus("demo").utterances[0]
    view = RecordingView(
        np.zeros((4, 2), dtype=np.float32),
        np.zeros((2, 3), dtype=np.uint8),
        np.array([100, 200], dtype=np.float32),
        np.zeros((0, 2), dtype=np.float32),
    )
    found = loading.Recording(utterance, view, (loading.Heard("s3prl:fbank", embeddings([0, 1])),))
    (track,) = view_data(REQUEST, found).tracks
    np.testing.assert_allclose(track.start_s, [0, 0.01])
    assert np.asarray(track.spans)[:3].tolist() == [[0, 1], [1, 2], [0, 0]]
    phones = replace(REQUEST, settings=AlignmentSettings(unit="phone"))
    (track,) = view_data(phones, found).tracks
    assert track.spans is None


def test_odd_names_cannot_leave_the_address():
    utterance = replace(open_corpus("demo").utterances[0], id="../a b?/<i>")
    found = loading.Recording(utterance)
    data = view_data(REQUEST, found)
    assert data.audio_url == "/api/audio/demo/..%2Fa%20b%3F%2F%3Ci%3E.wav"


def test_two_models_are_drawn_below_each_other_and_one_that_fails_leaves_the_other():
    utterance = open_corpus("demo").utterances[0]
    first, second = loading.Heard("a", embeddings([0])), loading.Heard("b", embeddings([0, 1]))
    tracks = view_data(REQUEST, loading.Recording(utterance, None, (first, second))).tracks
    assert [(track.name, len(np.asarray(track.start_s))) for track in tracks] == [
        ("a", 1),
        ("b", 2),
    ]
    failed = loading.Heard("a", failure="too short")
    tracks = view_data(REQUEST, loading.Recording(utterance, None, (failed, second))).tracks
    assert [track.name for track in tracks] == ["b"]
