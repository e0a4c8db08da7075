from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.time_axis import FrameTimes, Interval, to_samples


def test_an_interval_refuses_times_that_are_not_a_stretch():
    for start, end in [(1.0, 1.0), (2.0, 1.0), (-0.1, 1.0), (0.0, np.inf), (0.0, np.nan)]:
        with pytest.raises(ValueError, match="are these times in seconds"):
            Interval("word", start, end)


@given(st.integers(0, 10_000_000), st.sampled_from([8_000, 16_000, 22_050, 24_000, 44_100]))
def test_samples_survive_the_way_through_seconds(sample, sample_rate_hz):
    assert to_samples(sample / sample_rate_hz, sample_rate_hz) == sample


@given(st.integers(0, 6_000))
def test_hundredths_of_a_second_fall_on_their_exact_sample(hundredths):
    seconds = float(f"{hundredths // 100}.{hundredths % 100:02d}")
    assert to_samples(seconds, 16_000) == Fraction(hundredths, 100) * 16_000


def test_regular_frames_are_the_receptive_fields_of_wav2vec2():
    frames = FrameTimes.regular(49, sample_rate_hz=16_000, stride_samples=320, window_samples=400)
    assert frames.start_samples[-1] == 48 * 320
    assert frames.end_samples[-1] == 48 * 320 + 400
    assert frames.stride_s == 0.02
    np.testing.assert_array_equal(frames.doubled_centres, 2 * 320 * np.arange(49) + 400)


def test_a_stride_between_samples_does_not_drift():
    frames = FrameTimes.regular(75_000, sample_rate_hz=24_000, stride_samples=319.92)
    exact = Fraction(31992, 100) * 74_999
    assert abs(frames.start_samples[-1] - exact) <= Fraction(1, 2)


@pytest.mark.usefixtures("unchecked_types")
def test_frames_must_end_after_they_start():
    with pytest.raises(ValueError, match="end after it starts"):
        FrameTimes(np.array([0, 5]), np.array([5, 5]), 16_000)
    with pytest.raises(ValueError, match="2 frame starts, but 1 frame ends"):
        FrameTimes(np.array([0, 5]), np.array([5]), 16_000)


def test_one_frame_has_its_own_length_for_a_stride():
    assert FrameTimes(np.array([0]), np.array([160]), 16_000).stride_s == 0.01
