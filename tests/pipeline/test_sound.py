import io

import numpy as np
import pytest
import soundfile

from pipeline.errors import AudioError
from pipeline.sound import as_flac, as_wav
from pipeline.time_axis import Interval

SAMPLES = np.array([0.0, 0.25, -0.5, 1.0, -1.0, 0.999] * 100)


def served(content):
    return soundfile.read(io.BytesIO(content), dtype="int16")


@pytest.mark.parametrize(
    ("suffix", "subtype"),
    [(".wav", "PCM_16"), (".wav", "PCM_U8"), (".wav", "PCM_24"), (".flac", "PCM_16")],
)
def test_a_recording_is_served_sample_for_sample(tmp_path, suffix, subtype):
    path = tmp_path / f"a{suffix}"
    soundfile.write(path, SAMPLES, 8000, subtype=subtype)
    samples, rate_hz = served(as_wav(path))
    # 24 bits do not fit into 16.
    expected = soundfile.read(path, dtype="int16")[0]
    np.testing.assert_allclose(samples, expected, rtol=0, atol=subtype == "PCM_24")
    assert rate_hz == 8000


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_floating_point_samples_are_heard_and_loud_ones_do_not_wrap(tmp_path, subtype):
    path = tmp_path / "a.wav"
    soundfile.write(
        path, np.array([0.5, -0.25, 1.0, -1.0, 2.0, -2.0, np.nan]), 8000, subtype=subtype
    )
    samples, _ = served(as_wav(path))
    assert samples.tolist() == [16384, -8192, 32767, -32768, 32767, -32768, 0]


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_a_segment_is_cut_out_of_its_recording(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, SAMPLES, 8000)
    whole, _ = served(as_wav(path))
    part, rate_hz = served(as_wav(path, Interval("x", 0.01, 0.05)))
    np.testing.assert_array_equal(part, whole[80:400])
    assert rate_hz == 8000


def test_channels_stay_apart(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.stack([SAMPLES, -SAMPLES], axis=1), 8000)
    assert served(as_wav(path, Interval("x", 0.0, 0.01)))[0].shape == (80, 2)


@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT"])
def test_flac_loses_nothing_of_what_is_served(tmp_path, subtype):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.stack([SAMPLES, -SAMPLES], axis=1), 22_050, subtype=subtype)
    part = Interval("", 0.005, 0.02)
    (tmp_path / "a.flac").write_bytes(as_flac(path, part))
    assert soundfile.info(tmp_path / "a.flac").subtype == "PCM_16"
    assert as_wav(tmp_path / "a.flac") == as_wav(path, part)


def test_a_small_file_that_unpacks_to_hours_is_refused_before_it_is_read(tmp_path, monkeypatch):
    soundfile.write(tmp_path / "a.flac", np.zeros((4000, 2)), 8000)
    monkeypatch.setattr("pipeline.sound.MOST_SAMPLES", 8000)
    as_wav(tmp_path / "a.flac")
    monkeypatch.setattr("pipeline.sound.MOST_SAMPLES", 7999)
    with pytest.raises(AudioError, match="expected 7,999 samples at most, found 8,000"):
        as_wav(tmp_path / "a.flac")
    as_wav(tmp_path / "a.flac", Interval("", 0.1, 0.2))
