from fractions import Fraction

import numpy as np
import pytest
import torch

from pipeline.extraction import listen
from pipeline.extraction.hearing import by_frame
from pipeline.models.batching import DeviceLayers, Heard
from pipeline.models.extractor import Extraction
from pipeline.settings import AlignmentSettings
from pipeline.time_axis import FrameTimes
from tests.pipeline.extraction.doubles import Clock


def heard_of(rows, starts):
    frames = FrameTimes(starts, starts + 15, 16_000)
    return Heard(DeviceLayers.of_arrays([rows, -rows]), (frames,))


def test_rows_that_share_their_time_are_one_frame():
    starts = np.array([0, 0, 10, 20, 20, 20], dtype=np.int64)
    rows = np.array([[1, 0], [3, 0], [5, 1], [1, 0], [2, 0], [6, 3]], dtype=np.float32)
    heard = by_frame(heard_of(rows, starts)).extraction(0)
    assert heard.frames.start_samples.tolist() == [0, 10, 20]
    assert heard.frames.end_samples.tolist() == [15, 25, 35]
    for sign, layer in zip((1, -1), heard.layers, strict=True):
        assert layer.dtype == np.float32
        assert (sign * layer).tolist() == [[2, 0], [5, 1], [3, 1]]


def test_the_frames_of_a_padded_batch_are_each_recordings_own():
    times = FrameTimes(np.array([0, 0, 10]), np.array([15, 15, 25]), 16_000)
    short = FrameTimes(np.array([0, 0]), np.array([15, 15]), 16_000)
    states = [torch.tensor([[[1.0], [3], [9]], [[2], [4], [99]]])]
    heard = by_frame(Heard(DeviceLayers.of_padded(states, [3, 2]), (times, short)))
    assert [heard.extraction(item).layers[0].tolist() for item in range(2)] == [[[2], [9]], [[3]]]


@pytest.mark.parametrize("count", [0, 1, 4])
def test_rows_with_times_of_their_own_are_the_frames(count):
    starts = 160 * np.arange(count)
    heard = heard_of(np.zeros((count, 2), dtype=np.float32), starts)
    assert by_frame(heard) is heard


def test_another_sample_rate_gives_more_samples_whose_times_stay_true(utterance):
    clock = Clock()
    heard = listen(clock, utterance, AlignmentSettings(sample_rate_hz=24_000))
    samples, told = clock.heard[0]
    assert samples == round(utterance.duration_s * 24_000)
    assert told == 16_000
    assert heard.end[-1] <= utterance.duration_s
    assert heard.end[-1] > utterance.duration_s - 2 * 400 / 24_000


class ThirdsOfSamples(Clock):
    """Its stride is 13 1/3 ms of the sample rate that it was made for."""

    def extract(self, _waveform, sample_rate):
        frames = FrameTimes.regular(
            5, sample_rate_hz=sample_rate, stride_samples=Fraction(640, 3), window_samples=400
        )
        return Extraction([np.zeros((5, 1), dtype=np.float32)], frames)


@pytest.mark.parametrize("given_hz", [8_000, 16_000, 24_000])
def test_another_sample_rate_also_moves_frames_that_lie_between_samples(utterance, given_hz):
    heard = listen(ThirdsOfSamples(), utterance, AlignmentSettings(sample_rate_hz=given_hz))
    np.testing.assert_allclose(heard.start, np.arange(5) * 640 / 3 / given_hz)
    np.testing.assert_allclose(heard.end - heard.start, 400 / given_hz)


@pytest.mark.parametrize("stride_ms", [20.0, 13.33])
def test_another_stride_spaces_the_frames_as_asked(utterance, stride_ms):
    heard = listen(Clock(), utterance, AlignmentSettings(stride_ms=stride_ms))
    np.testing.assert_allclose(np.diff(heard.start), stride_ms / 1000)
