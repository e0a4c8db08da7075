import numpy as np
import plotly.colors
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.similarity.colour_scale import COLOUR_SCALE, colour_domain, z_domain


def test_both_libraries_know_the_scale_by_its_name():
    assert COLOUR_SCALE in plotly.colors.named_colorscales()


@given(
    scores=arrays(np.float64, (3, 4), elements=st.floats(-0.1, 1.0)),
    missing=st.sets(st.integers(0, 11)),
)
def test_a_stretched_domain_holds_every_value_that_a_colour_can_show(scores, missing):
    scores.ravel()[list(missing)] = np.nan
    low, high = colour_domain(scores, stretch=True)
    assert 0 <= low < high <= 1
    shown = np.clip(scores[np.isfinite(scores)], 0, 1)
    assert np.all((low <= shown + 1e-9) & (shown <= high + 1e-9))
    if shown.size and np.ptp(shown) > 0.05:
        assert high - low <= 2 * np.ptp(shown) + 1e-9


def test_noise_around_one_value_does_not_fill_all_colours():
    assert colour_domain(np.array([[0.0004, 0.0009]]), stretch=True) == (0.0, 0.01)


@given(z=arrays(np.float64, (3, 4), elements=st.floats(-10, 1e4)))
def test_no_z_is_above_the_last_colour(z):
    low, high = z_domain(z)
    assert low == 0
    assert z.max() <= high <= 2 * max(z.max(), 1) + 1e-9
