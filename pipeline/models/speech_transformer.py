"""Speech encoders of Hugging Face transformers built like wav2vec 2.0: HuBERT, WavLM and so on."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32
from transformers import PreTrainedConfig, PreTrainedModel

from pipeline.errors import ModelError
from pipeline.models.extractor import Extraction
from pipeline.models.hidden_states import Layers, in_eval_mode, run_transformer
from pipeline.models.pretrained import load_feature_extractor, load_speech_encoder
from pipeline.models.row_stride import measured_stride
from pipeline.models.spec import ModelSpec
from pipeline.models.waveform import resample
from pipeline.time_axis import FrameTimes

# Of the filterbank that wav2vec2-bert reads; transformers has them fixed.
_FILTERBANK_KERNEL, _FILTERBANK_STRIDE = 400, 160


class SpeechTransformer:
    """A speech encoder that hears one recording at a time.

    How far apart its rows are is measured when it is loaded, whatever its configuration says.

    Parameters
    ----------
    spec : ModelSpec
    model : PreTrainedModel
        Convolutions over the waveform or a filterbank, then transformer layers at one frame rate.
        An adapter after them, which has another rate, is left out.
    feature_extractor : callable
        One of transformers; normalises each recording, if the model was trained so.
    device : str

    Attributes
    ----------
    spec : ModelSpec
    stride_samples : int or float
        From one row to the next, as measured; `spec` has what the configuration says.
    """

    def __init__(
        self,
        spec: ModelSpec,
        model: PreTrainedModel,
        feature_extractor: Callable[..., Mapping[str, torch.Tensor]],
        device: str,
    ) -> None:
        self.spec = spec
        self._model = in_eval_mode(model, device)
        if getattr(model, "adapter", None) is not None:
            self._model.adapter = None  # type: ignore[assignment]
        self._feature_extractor = feature_extractor
        self._sample_rate_hz = spec.sample_rate_hz or 16_000
        kernels, strides = _convolutions(model.config, feature_extractor)
        self.stride_samples = measured_stride(spec, lambda samples: len(self._run(samples)[0]))
        # Where the convolutions' rows are squeezed to fewer, one sees all that it was made of.
        squeezed = math.ceil(self.stride_samples) - math.prod(strides)
        self._window_samples = receptive_field(kernels, strides) + squeezed

    def extract(self, waveform: Float32[np.ndarray, " samples"], sample_rate: int) -> Extraction:
        """Return every layer, and what each frame saw of the recording.

        Raises
        ------
        ModelError
            If the recording is shorter than one frame, or the model is not what its spec announces.
        """
        samples = resample(waveform, sample_rate, self._sample_rate_hz)
        self._require_one_window(len(samples))
        layers = self._run(samples)
        expected = int((len(samples) - self._window_samples) // self.stride_samples) + 1
        if len(layers[0]) != expected:
            raise ModelError(
                f"{self.spec.name}: {len(layers[0])} rows, but {expected} windows of "
                f"{self._window_samples} samples lie in the recording, one every "
                f"{self.stride_samples:g}; models that change their windows are not supported"
            )
        frames = FrameTimes.regular(
            expected,
            sample_rate_hz=self._sample_rate_hz,
            stride_samples=self.stride_samples,
            window_samples=self._window_samples,
        )
        return Extraction(layers, frames)

    def _require_one_window(self, samples: int) -> None:
        if samples < self._window_samples:
            raise ModelError(
                f"{self.spec.name}: the recording has {samples} samples at {self._sample_rate_hz} "
                f"Hz, expected at least {self._window_samples}; leave it out"
            )

    def _run(self, samples: Float32[np.ndarray, " samples"]) -> Layers:
        given = self._feature_extractor(
            samples, sampling_rate=self._sample_rate_hz, return_tensors="pt"
        )
        # A recording by itself has no padding, and models with group normalisation must not be
        # given a mask; only a filterbank may get half a row of padding at its end.
        names = [name for name in given if name != "attention_mask" or "input_features" in given]
        inputs = {name: given[name].to(self._model.device) for name in names}
        layers = run_transformer(self.spec, self._model, **inputs)
        if "attention_mask" not in inputs:
            return layers
        valid = int(inputs["attention_mask"].sum())
        return [layer[:valid] for layer in layers]


def _convolutions(
    config: PreTrainedConfig, feature_extractor: object
) -> tuple[Sequence[int], Sequence[int]]:
    """Return kernels and strides of what is before the transformer, features included."""
    stacked = getattr(feature_extractor, "stride", None)
    if stacked is None:
        return config.conv_kernel, config.conv_stride
    return (_FILTERBANK_KERNEL, stacked), (_FILTERBANK_STRIDE, stacked)


def receptive_field(kernels: Sequence[int], strides: Sequence[int]) -> int:
    """Return how many samples one output of a stack of unpadded convolutions sees.

    It is ``1 + sum((kernel_i - 1) * prod(strides before i))``.

    Examples
    --------
    >>> receptive_field([10, 3, 3, 3, 3, 2, 2], [5, 2, 2, 2, 2, 2, 2])
    400
    """
    steps = [math.prod(strides[:depth]) for depth in range(len(kernels))]
    return 1 + sum((kernel - 1) * step for kernel, step in zip(kernels, steps, strict=True))


def convolution_frames(
    samples: int, kernels: Sequence[int], strides: Sequence[int], sample_rate_hz: int
) -> FrameTimes:
    """Return what each output of a stack of unpadded convolutions sees of `samples` samples."""
    count = samples
    for kernel, stride in zip(kernels, strides, strict=True):
        count = max(0, (count - kernel) // stride + 1)
    return FrameTimes.regular(
        count,
        sample_rate_hz=sample_rate_hz,
        stride_samples=math.prod(strides),
        window_samples=receptive_field(kernels, strides),
    )


def load(spec: ModelSpec, device: str) -> SpeechTransformer:
    """Return the speech model in the folder ``spec.source``."""
    folder = Path(spec.source)
    extractor = load_feature_extractor(folder)
    return SpeechTransformer(spec, load_speech_encoder(folder), extractor, device)
