"""A model's hidden states as float32 layers, checked, on its device."""

from collections.abc import Sequence

import torch
from transformers import PreTrainedModel

from pipeline.errors import ModelError
from pipeline.models.batching import DeviceLayers
from pipeline.models.device import inference
from pipeline.models.spec import ModelSpec


def in_eval_mode(model: PreTrainedModel, device: str) -> PreTrainedModel:
    """Return the model on `device`, without dropout and other noise of training."""
    moved: PreTrainedModel = model.eval().to(device)  # type: ignore[no-untyped-call]
    return moved


def run_transformer(
    spec: ModelSpec,
    model: PreTrainedModel,
    counts: Sequence[int] | None = None,
    **inputs: torch.Tensor,
) -> DeviceLayers:
    """Run a Hugging Face model over a batch and return all its layers.

    The last layer is ``last_hidden_state``: the last of ``hidden_states`` lacks the final layer
    normalisation in some models of transformers 5, but not of transformers 4. SEW's is the
    exception: it goes back to a higher frame rate, at which there are no other layers.

    Parameters
    ----------
    counts : sequence of int, optional
        How many rows of each item are not padding; by default all.

    Raises
    ------
    ModelError
        If the layers are not those that `spec` announces.
    """
    with inference():
        output = model(**inputs, output_hidden_states=True)
    states, last = output.hidden_states, output.last_hidden_state
    if last.shape[1] != states[-1].shape[1]:
        return checked_layers(spec, states, counts)
    return checked_layers(spec, [*states[:-1], last], counts)


def checked_layers(
    spec: ModelSpec, hidden_states: Sequence[torch.Tensor], counts: Sequence[int] | None = None
) -> DeviceLayers:
    """Return the hidden states (each of shape ``(items, rows, dim)``) of a batch as layers.

    Parameters
    ----------
    counts : sequence of int, optional
        How many rows of each item are not padding; by default all.

    Raises
    ------
    ModelError
        If their number or width is not what `spec` announces, or a value is not finite.
    """
    dims = {state.shape[2] for state in hidden_states}
    if len(hidden_states) != len(spec.layer_names) or dims != {spec.dims}:
        raise ModelError(
            f"{spec.name}: expected {len(spec.layer_names)} layers of {spec.dims} dimensions, "
            f"found {len(hidden_states)} of {sorted(dims)}; this kind of model is not supported"
        )
    items, rows, _ = hidden_states[0].shape
    with inference():
        layers = DeviceLayers.of_padded(
            [state.float() for state in hidden_states], counts or [rows] * items
        )
        if not _all_finite(layers):
            raise ModelError(
                f"{spec.name}: the model gave infinite values or values that are no number"
            )
    return layers


def _all_finite(layers: DeviceLayers) -> bool:
    largest = torch.stack([layer.abs().amax(dim=1) for layer in layers.layers])
    finite = torch.isfinite(largest).all(dim=0).cpu().numpy()
    pairs = zip(layers.starts, layers.counts, strict=True)
    return all(finite[start : start + count].all() for start, count in pairs)
