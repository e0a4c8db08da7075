from dataclasses import replace

import numpy as np
import pytest
import torch

from pipeline.models.batching import DeviceLayers, Heard, HearsMany, ReadsMany, hear, joined, read
from pipeline.models.catalogue import find_model
from pipeline.models.extractor import Extraction, TextExtraction
from pipeline.time_axis import FrameTimes

PADDED = [torch.arange(24.0).reshape(2, 4, 3), -torch.arange(24.0).reshape(2, 4, 3)]


def frames(count):
    return FrameTimes.regular(count, sample_rate_hz=16_000, stride_samples=160)


def rows_of(layers, item):
    return [layer[:, 0].tolist() for layer in layers.arrays(item)]


def test_a_padded_batch_has_each_items_rows_and_no_padding():
    layers = DeviceLayers.of_padded(PADDED, [1, 3])
    assert rows_of(layers, 0) == [[0], [0]]
    assert rows_of(layers, 1) == [[12, 15, 18], [-12, -15, -18]]


def test_arrays_are_not_copied():
    array = np.zeros((2, 3), dtype=np.float32)
    layers = DeviceLayers.of_arrays([array])
    assert np.shares_memory(array, layers.layers[0].numpy())
    assert np.shares_memory(array, layers.arrays(0)[0])


def test_joined_batches_have_the_items_of_all():
    layers = DeviceLayers.of_padded(PADDED, [1, 3])
    together = DeviceLayers.joined([layers, DeviceLayers.of_padded(PADDED, [4, 2])])
    assert [rows_of(together, item)[0] for item in range(4)] == [
        [0], [12, 15, 18], [0, 3, 6, 9], [12, 15],
    ]  # fmt: skip
    assert DeviceLayers.joined([layers]) is layers


@pytest.mark.parametrize(
    ("sizes", "expected"), [([1, 1], [[0], [12, 15, 18]]), ([2], [[0, 12, 15, 18]])]
)
def test_merged_items_lose_the_padding_between_them(sizes, expected):
    merged = DeviceLayers.of_padded(PADDED, [1, 3]).merged(sizes)
    assert [rows_of(merged, item)[0] for item in range(len(sizes))] == expected
    assert len(merged.layers[0]) == 4


class Counter:
    """A model of arrays, which knows nothing of devices."""

    spec = replace(find_model("s3prl:fbank"), name="counter", dims=1)

    def extract(self, waveform, _sample_rate):
        rows = np.arange(len(waveform), dtype=np.float32)[:, None]
        return Extraction([rows, -rows], frames(len(waveform)))


class Reader:
    """A text model of arrays."""

    spec = replace(find_model("minilm"), name="reader", dims=1)

    def extract_text(self, words):
        rows = np.array([[len(word)] for word in words], dtype=np.float32)
        spans = np.arange(len(words))[:, None] + np.array([0, 1])
        return TextExtraction([rows], spans, tuple(words), "last")


def test_a_model_of_arrays_hears_one_recording_after_the_other():
    heard = hear(Counter(), [np.zeros(count, dtype=np.float32) for count in (2, 3)], 16_000)
    assert not isinstance(Counter(), HearsMany)
    assert rows_of(heard.layers, 1) == [[0, 1, 2], [0, -1, -2]]
    assert [len(each) for each in heard.frames] == [2, 3]
    assert len(heard.extraction(1).frames) == 3


def test_a_text_model_of_arrays_reads_one_transcript_after_the_other():
    found = read(Reader(), [["a"], ["the", "cat"]])
    assert not isinstance(Reader(), ReadsMany)
    assert found.extraction(1).layers[0].tolist() == [[3], [3]]
    assert found.extraction(1).spans.tolist() == [[0, 1], [1, 2]]
    assert (found.extraction(0).tokens, found.pooling) == (("a",), "last")


def test_models_that_torch_runs_hear_and_read_several(speech_model, untrained_bert):
    assert isinstance(speech_model("ast-short"), HearsMany)
    assert isinstance(untrained_bert, ReadsMany)


def test_a_model_that_hears_one_recording_at_a_time_takes_several(speech_model, noise):
    model = speech_model("ast-short")
    recordings = [noise[:8_000], noise]
    heard = model.hear(recordings, 16_000)
    for item, recording in enumerate(recordings):
        alone = model.extract(recording, 16_000)
        assert len(heard.frames[item]) == len(alone.frames)
        np.testing.assert_array_equal(heard.extraction(item).layers[-1], alone.layers[-1])


def test_what_was_heard_in_parts_is_in_order():
    parts = [Heard(DeviceLayers.of_padded(PADDED, [1, 3]), (frames(1), frames(3)))] * 2
    assert [len(each) for each in joined(parts).frames] == [1, 3, 1, 3]
