import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.models.known.s3prl_rows import Rows, rows_of
from pipeline.models.speech_transformer import receptive_field


@given(
    samples=st.integers(0, 300),
    stride=st.integers(1, 50),
    window=st.integers(1, 80),
    before=st.integers(0, 40),
    after=st.integers(0, 40),
)
def test_rows_are_the_windows_that_fit_between_the_margins(samples, stride, window, before, after):
    starts = range(-before, samples + after, stride)
    fit = sum(start + window <= samples + after for start in starts)
    assert Rows(stride, window, before, after).count(samples) == fit


@pytest.mark.parametrize(
    ("family", "kernels", "strides"),
    [
        ("hubert", [10, 3, 3, 3, 3, 2, 2], [5, 2, 2, 2, 2, 2, 2]),
        ("vq_wav2vec", [10, 8, 4, 4, 4, 1, 1], [5, 4, 2, 2, 2, 1, 1]),
        ("cpc", [10, 8, 4, 4, 4], [5, 4, 2, 2, 2]),
    ],
)
def test_windows_are_the_receptive_fields_of_the_convolutions(family, kernels, strides):
    assert rows_of(family, family).window_samples == receptive_field(kernels, strides)


def test_every_second_frame_of_ten_milliseconds_is_a_row_of_decoar2():
    rows = rows_of("decoar2", "decoar2")
    for samples in range(400, 4_000, 37):
        frames = range((samples - 400) // 160 + 1)
        assert rows.count(samples) == len(frames[::2])


def test_the_windows_of_a_checkpoint_are_those_that_it_notes():
    audio = {"kaldi": {"feat_type": "mfcc", "mfcc": {"frame_length": 20.0, "frame_shift": 5.0}}}
    noted = {"Upstream_Config": {"transformer": {}, "audio": audio}, "Config": {}}
    assert rows_of("tera", "tera_local", noted) == Rows(80, 320, fewest=2)
    centred = {"Config": {"transformer": {}, "audio": {"win_ms": 50, "hop_ms": 12.5}}}
    assert rows_of("tera", "tera_local", centred) == Rows(200, 800, 400, 400, fewest=2)


@pytest.mark.parametrize(
    ("name", "stride"), [("mae_ast_frame", 320), ("mae_ast_patch", 2560), ("mel", 160)]
)
def test_some_names_have_rows_of_their_own(name, stride):
    family = "baseline" if name == "mel" else "mae_ast"
    assert rows_of(family, name).stride_samples == stride


def test_byol_a_has_a_row_for_every_tenth_of_a_second_that_begins():
    rows = rows_of("byol_a", "byol_a_512")
    assert [rows.count(samples) for samples in (1, 1600, 1601, 3200, 16_001)] == [1, 1, 2, 2, 11]
