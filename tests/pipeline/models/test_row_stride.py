import logging
from dataclasses import replace

import pytest

from pipeline.errors import ModelError
from pipeline.models.catalogue import find_model
from pipeline.models.row_stride import measured_stride


def rows_of(window, stride):
    """Count the windows of a recording one by one."""
    return lambda samples: sum(
        round(index * stride) + window <= len(samples) for index in range(len(samples))
    )


@pytest.fixture
def announcing():
    """A model at 16 kHz that announces a stride."""
    spec = find_model("untrained:wav2vec2-base")
    return lambda stride: replace(spec, stride_samples=stride)


@pytest.mark.parametrize("stride", [160, 320, 441, 640, 1600])
@pytest.mark.parametrize("window", [25, 400, 2800])
def test_an_announced_stride_that_fits_is_exact(window, stride, announcing, caplog):
    assert measured_stride(announcing(stride), rows_of(window, stride)) == stride
    assert not caplog.text


@pytest.mark.parametrize(
    ("announced", "stride"), [(320, 640), (640, 320), (None, 320), (160, 2000)]
)
def test_another_stride_is_measured_and_said(announced, stride, announcing, caplog):
    with caplog.at_level(logging.WARNING):
        assert measured_stride(announcing(announced), rows_of(400, stride)) == stride
    assert f"says a row every {announced} samples, but it gives one every {stride}" in caplog.text


def test_a_stride_between_samples_is_measured_to_less_than_a_row(announcing):
    assert measured_stride(announcing(320), rows_of(400, 213.3)) == pytest.approx(
        213.3, rel=1 / 300
    )


def test_rows_that_do_not_go_with_time_are_refused(announcing):
    with pytest.raises(ModelError, match="found 1500 for 1 s and 1500 for 2 s"):
        measured_stride(announcing(320), lambda _: 1500)
