import numpy as np

from pipeline.corpus import open_corpus
from pipeline.recording_view import get_recording_view
from pipeline.rendering import store_recording_view


def test_a_view_is_stored_by_the_digest_of_its_recording(store):
    utterance = open_corpus("demo").utterances[0]
    assert get_recording_view(store, "abc") is None
    store_recording_view(store, utterance, "abc")
    view = get_recording_view(store, "abc")
    assert view.spectrogram.shape == (80, 1 + round(utterance.duration_s * 16_000) // 80)
    assert len(view.frequencies_hz) == 80
    assert np.abs(view.peaks).max() == 1
    assert get_recording_view(store, "abcd") is None
