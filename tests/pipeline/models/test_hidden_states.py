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


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB."),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 8 EB"),
    ],
)
def test_too_little_memory_is_one_clear_line(error):
    match = "not enough memory for this recording; close"
    with pytest.raises(ModelError, match=match) as raised, inference():
        raise error
    assert "\n" not in str(raised.value)


def test_what_torch_says_when_a_cpu_has_no_memory_is_recognised():
    with pytest.raises(ModelError, match="not enough memory"), inference():
        torch.empty(1 << 60)


def test_other_errors_stay_what_they_are():
    with pytest.raises(RuntimeError, match="shapes"), inference():
        raise RuntimeError("shapes do not fit")
