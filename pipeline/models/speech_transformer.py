"""Speech encoders of Hugging Face transformers built like wav2vec 2.0: HuBERT, WavLM and so on."""

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from transformers import PreTrainedConfig, PreTrainedModel

from pipeline.errors import ModelError
from pipeline.models.batching import DeviceLayers, Heard, HearingModel, Waveform, joined
from pipeline.models.device import inference
from pipeline.models.hidden_states import in_eval_mode, run_transformer
from pipeline.models.pretrained import load_feature_extractor, load_speech_encoder
from pipeline.models.row_stride import measured_stride
from pipeline.models.spec import ModelSpec
from pipeline.models.speech_inputs import inputs_of
from pipeline.models.waveform import resample
from pipeline.time_axis import FrameTimes

# Of the filterbank that wav2vec2-bert reads; transformers has them fixed.
_FILTERBANK_KERNEL, _FILTERBANK_STRIDE = 400, 160


class SpeechTransformer(HearingModel):
    """A speech encoder that hears one recording at a time, or several where that is exact.

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
    device : torch.device
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
        self.spec, self.device = spec, torch.device(device)
        self._model = in_eval_mode(model, device)
        if getattr(model, "adapter", None) is not None:
            self._model.adapter = None  # type: ignore[assignment]
        self._sample_rate_hz = spec.sample_rate_hz or 16_000
        self._inputs = inputs_of(self._model, feature_extractor, self._sample_rate_hz)
        kernels, strides = _convolutions(model.config, feature_extractor)
        self.stride_samples = measured_stride(spec, lambda samples: self._run([samples]).counts[0])
        # Where the convolutions' rows are squeezed to fewer, one sees all that it was made of.
        squeezed = math.ceil(self.stride_samples) - math.prod(strides)
        self._window_samples = receptive_field(kernels, strides) + squeezed

    def hear_one(self, waveform: Waveform, sample_rate: int) -> Heard:
        """Return every layer, and what each frame saw of the recording.

        Raises
        ------
        ModelError
            If the recording is shorter than one frame, or the model is not what its spec announces.
        """
        return self._hear([waveform], sample_rate)

    def hear(self, waveforms: Sequence[Waveform], sample_rate: int) -> Heard:
        """Return what `hear_one` does of each recording, to within rounding.

        Raises
        ------
        ModelError
            As for `hear_one`, if it is so of one of them.
        """
        if not self._inputs.pads:
            return joined([self.hear_one(waveform, sample_rate) for waveform in waveforms])
        return self._hear(waveforms, sample_rate)

    def _hear(self, waveforms: Sequence[Waveform], sample_rate: int) -> Heard:
        recordings = [resample(each, sample_rate, self._sample_rate_hz) for each in waveforms]
        for samples in recordings:
            self._require_one_window(len(samples))
        layers = self._run(recordings)
        frames = [
            self._frames(len(samples), found)
            for samples, found in zip(recordings, layers.counts, strict=True)
        ]
        return Heard(layers, tuple(frames))

    def _frames(self, samples: int, found: int) -> FrameTimes:
        expected = int((samples - self._window_samples) // self.stride_samples) + 1
        if found != expected:
            raise ModelError(
                f"{self.spec.name}: {found} rows, but {expected} windows of "
                f"{self._window_samples} samples lie in the recording, one every "
                f"{self.stride_samples:g}; models that change their windows are not supported"
            )
        return FrameTimes.regular(
            expected,
            sample_rate_hz=self._sample_rate_hz,
            stride_samples=self.stride_samples,
            window_samples=self._window_samples,
        )

    def _require_one_window(self, samples: int) -> None:
        if samples < self._window_samples:
            raise ModelError(
                f"{self.spec.name}: the recording has {samples} samples at {self._sample_rate_hz} "
                f"Hz, expected at least {self._window_samples}; leave it out"
            )

    def _run(self, recordings: Sequence[Waveform]) -> DeviceLayers:
        with inference(), warnings.catch_warnings():
            # WavLM's attention is given masks of two types.
            warnings.filterwarnings("ignore", "Support for mismatched", UserWarning)
            inputs, counts = self._inputs(recordings)
            return run_transformer(self.spec, self._model, counts, **inputs)


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
