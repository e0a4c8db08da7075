"""The encoders of neural audio codecs of Hugging Face transformers: EnCodec, DAC and Mimi."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32
from torch.nn import Module
from torch.nn.functional import pad
from transformers import DacModel, EncodecModel, MimiModel, PreTrainedModel

from pipeline.errors import ModelError
from pipeline.models.batching import Heard
from pipeline.models.device import inference
from pipeline.models.hidden_states import checked_layers
from pipeline.models.pretrained import load_feature_extractor, load_speech_encoder
from pipeline.models.pretrained_hearing import PretrainedHearing
from pipeline.models.spec import ModelSpec
from pipeline.models.waveform import resample
from pipeline.time_axis import FrameTimes

States = Sequence[torch.Tensor]


class AudioCodec(PretrainedHearing):
    """What a codec makes of a recording before it is quantised, at the codec's final frame rate.

    Row i stands for samples ``[i * stride, (i + 1) * stride)``: the convolutions of a causal codec
    see no sample after these, those of another as much after as before.

    Parameters
    ----------
    spec : ModelSpec
    model : PreTrainedModel
    feature_extractor : callable
        One of transformers; pads the recording, if the model needs it.
    device : str
    """

    usual_rate_hz = 24_000

    def __init__(
        self,
        spec: ModelSpec,
        model: PreTrainedModel,
        feature_extractor: Callable[..., Mapping[str, torch.Tensor]],
        device: str,
    ) -> None:
        super().__init__(spec, model, feature_extractor, device)
        self._stride_samples = spec.stride_samples or 320
        self._encode = _ENCODERS[model.config.model_type]

    def hear_one(self, waveform: Float32[np.ndarray, " samples"], sample_rate: int) -> Heard:
        """Return every layer, and what each row stands for.

        Raises
        ------
        ModelError
            If the recording has no samples, or the model is not what its spec announces.
        """
        samples = resample(waveform, sample_rate, self._sample_rate_hz)
        if not len(samples):
            raise ModelError(f"{self.spec.name}: the recording has no samples; leave it out")
        given = self._features(samples)
        with inference():
            states = self._encode(self._model, given["input_values"].to(self.device))
        # Layers share one width; zeros change no inner product and no distance.
        widened = [pad(state, (0, max(0, self.spec.dims - state.shape[-1]))) for state in states]
        layers = checked_layers(self.spec, widened)
        rows = -(-len(samples) // self._stride_samples)
        if layers.counts[0] != rows:
            raise ModelError(
                f"{self.spec.name}: {layers.counts[0]} rows for {len(samples)} samples, expected "
                f"{rows}, one every {self._stride_samples}; does preprocessor_config.json belong "
                "to this model?"
            )
        frames = FrameTimes.regular(
            rows, sample_rate_hz=self._sample_rate_hz, stride_samples=self._stride_samples
        )
        return Heard(layers, (frames,))


def _encodec(model: EncodecModel, samples: torch.Tensor) -> States:
    # Its last modules: downsampling convolution, LSTM, activation, final convolution.
    *_, downsampling, lstm, _, final = model.encoder.layers
    return _outputs(model.encoder, samples, (downsampling, lstm, final))


def _dac(model: DacModel, samples: torch.Tensor) -> States:
    return _outputs(model.encoder, samples, (model.encoder.block[-1], model.encoder.conv2))


def _mimi(model: MimiModel, samples: torch.Tensor) -> States:
    states: States = model.encode(samples, output_hidden_states=True).hidden_states
    return states


_ENCODERS: Mapping[str, Callable[[Any, torch.Tensor], States]] = {
    "encodec": _encodec,
    "dac": _dac,
    "mimi": _mimi,
}


def _outputs(encoder: Module, samples: torch.Tensor, stages: Sequence[Module]) -> States:
    """Run an encoder and return what each of the `stages` gave, as ``(1, rows, dim)``."""
    found: list[torch.Tensor] = []

    def keep(_module: Module, _inputs: tuple[torch.Tensor], output: torch.Tensor) -> None:
        found.append(output.transpose(1, 2))

    with ExitStack() as hooks:
        for stage in stages:
            hooks.callback(stage.register_forward_hook(keep).remove)
        encoder(samples)
    return found


def load(spec: ModelSpec, device: str) -> AudioCodec:
    """Return the codec in the folder ``spec.source``."""
    folder = Path(spec.source)
    return AudioCodec(spec, load_speech_encoder(folder), load_feature_extractor(folder), device)
