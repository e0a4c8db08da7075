import pytest

from pipeline.similarity.layer_axis import layer_ticks


@pytest.mark.parametrize("layers", range(1, 200))
@pytest.mark.parametrize("ticks", [1, 5, 24])
def test_the_first_layer_is_labelled_and_no_more_than_fit(layers, ticks):
    labelled = layer_ticks(layers, ticks=ticks)
    assert labelled[0] == 0
    assert labelled[-1] < layers
    assert len(labelled) <= max(ticks, layers / 24 + 1)
