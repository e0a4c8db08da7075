from dataclasses import replace

import numpy as np
import pytest

from pipeline.errors import ModelError
from pipeline.models.catalogue import find_model
from pipeline.models.extractor import Extraction, TextExtraction
from pipeline.models.opening import open_model
from pipeline.models.probing import LayerError, probe_error, probe_stride
from pipeline.time_axis import FrameTimes


class Strided:
    """Gives a row every `stride` samples, in copies of which each starts when the first does."""

    def __init__(self, stride, copies=1, longest=10**9):
        self.spec = replace(find_model("s3prl:fbank"), name="strided", stride_samples=999)
        self.stride, self.copies, self.longest = stride, copies, longest
        self.heard = []

    def extract(self, waveform, sample_rate):
        self.heard.append(waveform)
        samples = min(len(waveform), self.longest)
        starts = np.repeat(np.arange(0, samples, self.stride), self.copies)
        frames = FrameTimes(starts, starts + self.stride, sample_rate)
        return Extraction([np.zeros((len(starts), 240), dtype=np.float32)], frames)


@pytest.mark.parametrize("copies", [1, 8])
@pytest.mark.parametrize("stride", [160, 320, 640, 2000])
def test_the_stride_is_what_the_model_does_whatever_it_announces(stride, copies):
    model = Strided(stride, copies)
    assert probe_stride(model).stride_samples == stride
    assert [len(waveform) for waveform in model.heard] == [32_000, 96_000]


def test_the_noise_is_the_same_every_time():
    first, second = Strided(160), Strided(160)
    probe_stride(first)
    probe_stride(second)
    np.testing.assert_array_equal(first.heard[1], second.heard[1])
    assert 0.09 < first.heard[1].std() < 0.11


def test_a_model_of_one_window_whatever_the_length_is_refused():
    with pytest.raises(ModelError, match=r"strided: expected rows .* 100 in 2 s and 100 in"):
        probe_stride(Strided(160, longest=16_000))


def test_a_model_that_reads_has_no_stride(untrained_bert):
    with pytest.raises(ModelError, match="bert-base hears nothing and has no stride"):
        probe_stride(untrained_bert)


def test_a_wav2vec2_has_the_stride_of_its_convolutions(wav2vec2_folder):
    found = probe_stride(open_model(f"hf:{wav2vec2_folder}", "cpu"))
    assert (found.few, found.many, found.stride_samples) == (99, 299, 320)


class Off(Strided):
    """Gives rows (3, 4) at first, then (0, 0), all of which are off by `by`."""

    def __init__(self, by):
        super().__init__(48_000)
        self.by = np.array(by, dtype=np.float32)

    def extract(self, waveform, sample_rate):
        frames = super().extract(waveform, sample_rate).frames
        rows = np.array([[3, 4], [0, 0]], dtype=np.float32)
        return Extraction([rows + self.by], frames)

    def extract_text(self, words):
        rows = np.array([[0, 5]] * len(words), dtype=np.float32)
        return TextExtraction([rows + self.by], np.zeros((len(words), 2), dtype=np.int64), ())


def test_an_error_is_relative_to_the_length_of_each_row_that_has_one():
    (found,) = probe_error(Off([0.3, -0.4]), Off([0.0, 0.0]))
    assert found.largest == pytest.approx(0.1, rel=1e-5)
    assert found.mean == pytest.approx(0.1, rel=1e-5)


class Reading:
    """The same, reading."""

    spec = Off([0, 0]).spec

    def __init__(self, by):
        self.extract_text = Off(by).extract_text


def test_a_model_that_reads_is_compared_on_a_transcript():
    (found,) = probe_error(Reading([0.0, 0.1]), Reading([0.0, 0.0]))
    assert found.largest == pytest.approx(0.02, rel=1e-5)
    assert isinstance(found, LayerError)


def test_a_model_has_no_error_against_itself(wav2vec2_folder):
    model = open_model(f"hf:{wav2vec2_folder}", "cpu")
    errors = probe_error(model, model)
    assert [error.layer for error in errors] == list(model.spec.layer_names)
    assert {(error.largest, error.mean) for error in errors} == {(0, 0)}
