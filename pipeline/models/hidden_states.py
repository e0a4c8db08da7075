"""A model's hidden states as float32 arrays, one a layer."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from jaxtyping import Float32
from transformers import PreTrainedModel

from pipeline.errors import ModelError
from pipeline.models.spec import ModelSpec

_CPU_ALLOCATOR = "DefaultCPUAllocator: can't allocate memory"

Layers = list[Float32[np.ndarray, "rows dim"]]


def in_eval_mode(model: PreTrainedModel, device: str) -> PreTrainedModel:
    """Return the model on `device`, without dropout and other noise of training."""
    moved: PreTrainedModel = model.eval().to(device)  # type: ignore[no-untyped-call]
    return moved


@contextmanager
def inference() -> Iterator[None]:
    """Run models without gradients, and convolutions in full float32 on GPUs too.

    Raises
    ------
    ModelError
        If the device has not enough memory.
    """
    try:
        with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            yield
    except RuntimeError as error:
        # On a CPU, torch has no class of its own for it.
        if not isinstance(error, torch.OutOfMemoryError) and _CPU_ALLOCATOR not in str(error):
            raise
        raise ModelError(
            "the device has not enough memory for this recording; close what else uses it, part "
            "the recording (start and end in a manifest) or choose a smaller model"
        ) from error


def run_transformer(spec: ModelSpec, model: PreTrainedModel, **inputs: torch.Tensor) -> Layers:
    """Run a Hugging Face model over one item and return all its layers.

    The last layer is ``last_hidden_state``: the last of ``hidden_states`` lacks the final layer
    normalisation in some models of transformers 5, but not of transformers 4. SEW's is the
    exception: it goes back to a higher frame rate, at which there are no other layers.

    Raises
    ------
    ModelError
        If the layers are not those that `spec` announces.
    """
    with inference():
        output = model(**inputs, output_hidden_states=True)
    states, last = output.hidden_states, output.last_hidden_state
    if last.shape[1] != states[-1].shape[1]:
        return checked_layers(spec, states)
    return checked_layers(spec, [*states[:-1], last])


def checked_layers(spec: ModelSpec, hidden_states: Sequence[torch.Tensor]) -> Layers:
    """Return the hidden states (each of shape ``(1, rows, dim)``) of one item as arrays.

    Raises
    ------
    ModelError
        If their number or width is not what `spec` announces, or a value is not finite.
    """
    layers = [state[0].float().cpu().numpy() for state in hidden_states]
    dims = {layer.shape[1] for layer in layers}
    if len(layers) != len(spec.layer_names) or dims != {spec.dims}:
        raise ModelError(
            f"{spec.name}: expected {len(spec.layer_names)} layers of {spec.dims} dimensions, "
            f"found {len(layers)} of {sorted(dims)}; this kind of model is not supported"
        )
    if not all(np.isfinite(layer).all() for layer in layers):
        raise ModelError(
            f"{spec.name}: the model gave infinite values or values that are no number"
        )
    return layers
