import pytest
import torch

from pipeline.errors import DeviceMemoryError
from pipeline.models.device import free_bytes, inference, release_memory


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
    with pytest.raises(DeviceMemoryError, match=match) as raised, inference():
        raise error
    assert "\n" not in str(raised.value)


def test_what_torch_says_when_a_cpu_has_no_memory_is_recognised():
    with pytest.raises(DeviceMemoryError, match="not enough memory"), inference():
        torch.empty(1 << 60)


def test_other_errors_stay_what_they_are():
    with pytest.raises(RuntimeError, match="shapes"), inference():
        raise RuntimeError("shapes do not fit")


def test_a_cpu_has_no_memory_of_its_own_to_count_or_to_give_back():
    assert free_bytes(torch.device("cpu")) is None
    release_memory()
    assert not torch.cuda.is_initialized()
