import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import AudioError
from pipeline.models.waveform import read_waveform, resample
from pipeline.time_axis import Interval


def tone(rate_hz: int, seconds: float = 0.5, pitch_hz: float = 300) -> np.ndarray:
    return np.sin(2 * np.pi * pitch_hz * np.arange(int(rate_hz * seconds)) / rate_hz).astype("f4")


def test_channels_are_averaged(tmp_path):
    left, right = tone(16_000), tone(16_000, pitch_hz=800)
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack([left, right], axis=1), 16_000, subtype="FLOAT")
    waveform = read_waveform(path, 16_000)
    assert waveform.dtype == np.float32
    np.testing.assert_allclose(waveform, (left + right) / 2, atol=1e-7)


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_sixteen_bit_samples_are_divided_by_32768(tmp_path, suffix):
    samples = np.array([0, 1, -32768, 32767] * 100, dtype=np.int16)
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, samples, 16_000)
    np.testing.assert_array_equal(read_waveform(path, 16_000), samples / np.float32(32768))


@pytest.mark.parametrize(("from_hz", "to_hz"), [(44_100, 16_000), (8_000, 16_000)])
def test_a_tone_is_the_same_tone_at_another_rate(tmp_path, from_hz, to_hz):
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(from_hz), from_hz, subtype="FLOAT")
    waveform, expected = read_waveform(path, to_hz), tone(to_hz)
    inside = slice(to_hz // 20, -to_hz // 20)  # away from the filter's edges
    np.testing.assert_allclose(waveform[inside], expected[inside], atol=1e-3)


@given(
    samples=st.integers(1, 4000),
    from_hz=st.sampled_from([8_000, 11_025, 22_050, 44_100, 48_000]),
    to_hz=st.sampled_from([8_000, 16_000, 24_000]),
)
def test_resampled_length_is_the_exact_ceiling(samples, from_hz, to_hz):
    size = len(resample(np.zeros(samples, dtype=np.float32), from_hz, to_hz))
    assert (size - 1) * from_hz < samples * to_hz <= size * from_hz


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(AudioError, match=r"absent\.wav: cannot be read as audio"):
        read_waveform(tmp_path / "absent.wav", 16_000)


def test_a_file_that_is_no_audio_is_named(tmp_path):
    path = tmp_path / "notes.wav"
    path.write_text("hello")
    with pytest.raises(AudioError, match=r"notes\.wav: cannot be read .* convert it to WAV"):
        read_waveform(path, 16_000)


def test_an_empty_recording_is_refused(tmp_path):
    path = tmp_path / "empty.wav"
    soundfile.write(path, np.zeros(0, dtype=np.float32), 16_000)
    with pytest.raises(AudioError, match=r"empty\.wav: expected samples, found none"):
        read_waveform(path, 16_000)


@pytest.mark.parametrize("suffix", ["wav", "flac", "aiff", "au"])
def test_a_recording_cut_short_is_refused(tmp_path, suffix):
    path = tmp_path / f"cut.{suffix}"
    soundfile.write(path, tone(16_000) / 2, 16_000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(AudioError, match=rf"cut\.{suffix}: .*(ends before|complete)"):
        read_waveform(path, 16_000)


def test_a_streamed_wav_of_unknown_size_is_read_whole(tmp_path):
    path = tmp_path / "streamed.wav"
    soundfile.write(path, tone(16_000) / 2, 16_000)
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    assert len(read_waveform(path, 16_000)) == 8_000


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_refused(tmp_path, bad):
    samples = tone(16_000)
    samples[7] = bad
    path = tmp_path / "bad.wav"
    soundfile.write(path, samples, 16_000, subtype="FLOAT")
    with pytest.raises(AudioError, match=r"bad\.wav: 1 samples are infinite or not a number"):
        read_waveform(path, 16_000)


def test_a_segment_is_the_same_samples_as_a_cut_out_of_the_whole(tmp_path):
    path = tmp_path / "long.wav"
    soundfile.write(path, tone(16_000) / 2, 16_000)
    whole = read_waveform(path, 16_000)
    part = read_waveform(path, 16_000, Interval("", 0.1, 0.3))
    np.testing.assert_array_equal(part, whole[1_600:4_800])
    np.testing.assert_array_equal(
        read_waveform(path, 16_000, Interval("", 0.4, 9.0)), whole[6_400:]
    )


def test_a_segment_after_the_end_is_refused(tmp_path):
    path = tmp_path / "short.wav"
    soundfile.write(path, tone(16_000) / 2, 16_000)
    with pytest.raises(AudioError, match=r"short\.wav: expected samples, found none"):
        read_waveform(path, 16_000, Interval("", 5.0, 6.0))
