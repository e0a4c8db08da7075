from dataclasses import replace

import pytest
import torch

from pipeline.errors import ModelError
from pipeline.models.catalogue import find_model
from pipeline.models.hidden_states import checked_layers, inference


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


def test_inference_leaves_torchs_settings_as_they_were():
    before = torch.backends.cudnn.allow_tf32
    with inference():
        assert torch.is_inference_mode_enabled()
        assert not torch.backends.cudnn.allow_tf32
    assert torch.backends.cudnn.allow_tf32 == before
    assert not torch.is_inference_mode_enabled()
