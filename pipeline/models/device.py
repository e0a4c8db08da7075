"""Running models on a device, and what it says when its memory is full."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import torch

from pipeline.errors import DeviceMemoryError

_CPU_ALLOCATOR = "DefaultCPUAllocator: can't allocate memory"


@contextmanager
def inference() -> Iterator[None]:
    """Run models without gradients, and convolutions in full float32 on GPUs too.

    Raises
    ------
    DeviceMemoryError
        If the device has not enough memory.
    """
    try:
        with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            yield
    except RuntimeError as error:
        # On a CPU, torch has no class of its own for it.
        if not isinstance(error, torch.OutOfMemoryError) and _CPU_ALLOCATOR not in str(error):
            raise
        raise DeviceMemoryError(
            "the device has not enough memory for this recording; close what else uses it, part "
            "the recording (start and end in a manifest) or choose a smaller model"
        ) from error


def full_precision(device: torch.device) -> AbstractContextManager[object]:
    """Compute in float32 in the context, whatever precision the model around it runs in."""
    return torch.autocast(device.type, enabled=False)


def release_memory() -> None:
    """Give back what torch holds of a GPU's memory for later and does not use now."""
    torch.cuda.empty_cache()  # does nothing where there is none


def free_bytes(device: torch.device) -> int | None:
    """Return how much memory of a GPU is free; None of a CPU."""
    if device.type != "cuda":
        return None
    return torch.cuda.mem_get_info(device)[0]
