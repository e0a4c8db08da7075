from dataclasses import replace

import pytest
import torch

from pipeline.errors import ModelError
from pipeline.models.catalogue import find_model
from pipeline.models.hidden_states import checked_layers


@pytest.fixture
def spec():
    return replace(find_model("minilm"), layer_names=("0", "1"), dims=3)


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
def test_values_that_are_no_numbers_are_refused(spec, bad):
    states = [torch.zeros(1, 4, 3), torch.zeros(1, 4, 3)]
    states[1][0, 2, 1] = bad
    with pytest.raises(ModelError, match="minilm: the model gave infinite values"):
        checked_layers(spec, states)


@pytest.mark.parametrize("shapes", [[(1, 4, 3)], [(1, 4, 3), (1, 4, 2)]])
def test_layers_other_than_announced_are_refused(spec, shapes):
    with pytest.raises(ModelError, match="expected 2 layers of 3 dimensions"):
        checked_layers(spec, [torch.zeros(shape) for shape in shapes])


def test_only_rows_of_padding_may_be_no_numbers(spec):
    states = [torch.arange(24.0).reshape(2, 4, 3) for _ in range(2)]
    states[1][0, 3, 1] = torch.nan
    layers = checked_layers(spec, states, [3, 4])
    assert layers.arrays(0)[1].tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert layers.arrays(1)[1].tolist()[3] == [21, 22, 23]
    with pytest.raises(ModelError, match="infinite values"):
        checked_layers(spec, states, [4, 4])
