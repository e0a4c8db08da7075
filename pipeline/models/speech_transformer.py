"""Speech encoders of Hugging Face transformers built like wav2vec 2.0: HuBERT, WavLM and so on."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32
from transformers import AutoFeatureExtractor, PreTrainedModel

from pipeline.errors import ModelError
from pipeline.models.extractor import Extraction
from pipeline.models.hidden_states import in_eval_mode, run_transformer
from pipeline.models.pretrained import LOCAL_ONLY, load_encoder
from pipeline.models.spec import ModelSpec
from pipeline.models.waveform import resample
from pipeline.time_axis import FrameTimes


class SpeechTransformer:
    """A speech encoder that hears one recording at a time.

    Parameters
    ----------
    spec : ModelSpec
    model : PreTrainedModel
        A stack of convolutions over the waveform, then transformer layers at the same frame rate.
    feature_extractor : callable
        One of transformers; normalises each recording, if the model was trained so.
    device : str
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
        self._feature_extractor = feature_extractor
        self._sample_rate_hz = spec.sample_rate_hz or 16_000

    def extract(self, waveform: Float32[np.ndarray, " samples"], sample_rate: int) -> Extraction:
        """Return every layer, and what each frame saw of the recording.

        Raises
        ------
        ModelError
            If the recording is shorter than one frame, or the model is not what its spec announces.
        """
        samples = resample(waveform, sample_rate, self._sample_rate_hz)
        frames = self._frames(len(samples))
        inputs = self._feature_extractor(
            samples, sampling_rate=self._sample_rate_hz, return_tensors="pt"
        )
        layers = run_transformer(
            self.spec, self._model, input_values=inputs["input_values"].to(self._model.device)
        )
        if len(layers[0]) != len(frames):
            raise ModelError(
                f"{self.spec.name}: {len(layers[0])} rows, but its convolutions give {len(frames)} "
                "frames; models that change the frame rate afterwards are not supported"
            )
        return Extraction(layers, frames)

    def _frames(self, samples: int) -> FrameTimes:
        config = self._model.config
        frames = convolution_frames(
            samples, config.conv_kernel, config.conv_stride, self._sample_rate_hz
        )
        if not len(frames):
            shortest = receptive_field(config.conv_kernel, config.conv_stride)
            raise ModelError(
                f"{self.spec.name}: the recording has {samples} samples at {self._sample_rate_hz} "
                f"Hz, expected at least {shortest}; leave it out"
            )
        return frames


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
    try:
        feature_extractor = AutoFeatureExtractor.from_pretrained(  # type: ignore[no-untyped-call]
            folder, **LOCAL_ONLY
        )
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{folder}: transformers cannot load its feature extractor: {error}"
        ) from error
    return SpeechTransformer(spec, load_encoder(folder), feature_extractor, device)
