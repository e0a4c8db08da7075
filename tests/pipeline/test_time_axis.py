from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.time_axis import FrameTimes, Interval, stride_in_samples, to_samples


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
    assert frames.stride_samples == 320
    np.testing.assert_array_equal(frames.doubled_centres, 2 * 320 * np.arange(49) + 400)


STRIDES_SAMPLES = st.one_of(
    st.integers(1, 4_000),
    st.fractions(Fraction(1, 2), 4_000, max_denominator=1000),
    st.decimals(1, 4_000, places=4).map(float),
)


@given(
    STRIDES_SAMPLES,
    st.integers(0, 50),
    st.none() | st.integers(1, 1_000),
    st.integers(-1_000, 1_000),
    st.sampled_from([16_000, 22_050, 24_000]),
)
def test_every_regular_frame_is_where_fractions_say(stride, count, window, first, rate_hz):
    frames = FrameTimes.regular(
        count,
        sample_rate_hz=rate_hz,
        stride_samples=stride,
        window_samples=window,
        first_sample=first,
    )
    exact = Fraction(str(stride))
    starts = [(first + row * exact) / rate_hz for row in range(count)]
    length = exact if window is None else window
    counted = frames.sample_rate_hz
    assert len(frames) == count
    assert [Fraction(start, counted) for start in frames.start_samples.tolist()] == starts
    assert [Fraction(end, counted) for end in frames.end_samples.tolist()] == [
        start + length / Fraction(rate_hz) for start in starts
    ]
    assert Fraction(frames.stride_samples, counted) == exact / rate_hz


def test_samples_are_counted_finer_only_where_the_stride_asks_for_it():
    for stride, counted_hz in [(320, 16_000), (320.0, 16_000), (Fraction(640, 3), 48_000)]:
        frames = FrameTimes.regular(2, sample_rate_hz=16_000, stride_samples=stride)
        assert frames.sample_rate_hz == counted_hz


def test_a_stride_with_endless_digits_is_the_fraction_that_it_stands_for():
    frames = FrameTimes.regular(2, sample_rate_hz=16_000, stride_samples=640 / 3)
    assert (frames.stride_samples, frames.sample_rate_hz) == (640, 48_000)


def test_frames_of_the_oddest_stride_fit_an_hour_at_the_highest_rate():
    frames = FrameTimes.regular(36_000, sample_rate_hz=384_000, stride_samples=38_400.000001)
    assert frames.end_samples[-1] == 36_000 * 38_400_000_001


@pytest.mark.parametrize("stride_ms", ["10", "13.33", "20", "160", "0.1", "12.5"])
@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 24_000])
def test_a_stride_in_ms_is_the_decimal_that_it_is_written_as(stride_ms, rate_hz):
    exact = Fraction(stride_ms) / 1000 * rate_hz
    assert stride_in_samples(float(stride_ms), rate_hz) == exact


@pytest.mark.usefixtures("unchecked_types")
def test_frames_must_end_after_they_start():
    with pytest.raises(ValueError, match="end after it starts"):
        FrameTimes(np.array([0, 5]), np.array([5, 5]), 16_000)
    with pytest.raises(ValueError, match="2 frame starts, but 1 frame ends"):
        FrameTimes(np.array([0, 5]), np.array([5]), 16_000)


@pytest.mark.parametrize(
    ("starts", "stride"),
    [([0], 400), ([7], 400), ([0, 320, 640], 320), ([5, 5, 165, 165], 160), ([], 0)],
)
def test_without_a_given_stride_it_is_what_the_starts_say(starts, stride):
    first = np.array(starts, dtype=np.int64)
    assert FrameTimes(first, first + 400, 16_000).stride_samples == stride


def test_a_given_stride_stands_also_where_one_frame_cannot_tell():
    frames = FrameTimes.regular(1, sample_rate_hz=16_000, stride_samples=320, window_samples=400)
    assert frames.stride_samples == 320
