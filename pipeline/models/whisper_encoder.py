"""The encoder of Whisper models of Hugging Face transformers, which hears 30 s at a time."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32
from transformers import PreTrainedModel

from pipeline.errors import ModelError
from pipeline.models.batching import DeviceLayers, Heard, joined_rows
from pipeline.models.device import full_precision
from pipeline.models.hidden_states import run_transformer
from pipeline.models.pretrained import load_feature_extractor, load_speech_encoder
from pipeline.models.pretrained_hearing import PretrainedHearing
from pipeline.models.spec import ModelSpec
from pipeline.models.waveform import resample
from pipeline.models.windows import central_windows
from pipeline.time_axis import FrameTimes


class WhisperEncoder(PretrainedHearing):
    """An encoder that hears a recording padded with silence to its window of 30 s.

    A longer recording is heard in overlapping windows, and each row is taken from the window where
    it is most central. Rows of padding are left out.

    Parameters
    ----------
    spec : ModelSpec
    model : PreTrainedModel
        The encoder alone.
    feature_extractor : callable
        transformers' ``WhisperFeatureExtractor``: pads, and gives the log mel spectrogram.
    device : str
    """

    def __init__(
        self,
        spec: ModelSpec,
        model: PreTrainedModel,
        feature_extractor: Callable[..., Mapping[str, torch.Tensor]],
        device: str,
    ) -> None:
        super().__init__(spec, model, feature_extractor, device)
        fourier, hop = _spectrogram_samples(feature_extractor)
        # Row i is of spectrogram frames 2i - 2 to 2i + 2, and those are centred on their hop.
        self._stride_samples = 2 * hop
        self._window_samples = 4 * hop + fourier
        self._longest = model.config.max_source_positions

    def hear_one(self, waveform: Float32[np.ndarray, " samples"], sample_rate: int) -> Heard:
        """Return every layer, and what each row saw of the recording (or before it, or after).

        Raises
        ------
        ModelError
            If the recording has no samples, or the model is not what its spec announces.
        """
        samples = resample(waveform, sample_rate, self._sample_rate_hz)
        if not len(samples):
            raise ModelError(f"{self.spec.name}: the recording has no samples; leave it out")
        rows = -(-len(samples) // self._stride_samples)
        parts = [
            [layer[window.taken] for layer in self._run(samples, window.start)]
            for window in central_windows(rows, self._longest)
        ]
        frames = FrameTimes.regular(
            rows,
            sample_rate_hz=self._sample_rate_hz,
            stride_samples=self._stride_samples,
            window_samples=self._window_samples,
            first_sample=-self._window_samples // 2,
        )
        layers = [joined_rows(layer) for layer in zip(*parts, strict=True)]
        return Heard(DeviceLayers(layers, (0,), (rows,)), (frames,))

    def _run(self, samples: Float32[np.ndarray, " samples"], first_row: int) -> list[torch.Tensor]:
        first, end = (row * self._stride_samples for row in (first_row, first_row + self._longest))
        with full_precision(torch.device("cpu")):
            given = self._features(samples[first:end])
        features = given["input_features"].to(self.device)
        return run_transformer(self.spec, self._model, input_features=features).layers


def _spectrogram_samples(feature_extractor: object) -> tuple[int, int]:
    """Return the length of a Fourier transform and the hop from one to the next."""
    return feature_extractor.n_fft, feature_extractor.hop_length  # type: ignore[attr-defined]


def load(spec: ModelSpec, device: str) -> WhisperEncoder:
    """Return the encoder of the Whisper model in the folder ``spec.source``.

    Raises
    ------
    ModelError
        If it cannot be loaded, or its feature extractor is that of another model.
    """
    folder = Path(spec.source)
    extractor, model = load_feature_extractor(folder), load_speech_encoder(folder)
    heard = getattr(extractor, "n_samples", None), getattr(extractor, "feature_size", None)
    positions, mels = model.config.max_source_positions, model.config.num_mel_bins
    wanted = positions * (spec.stride_samples or 320), mels
    if heard != wanted:
        raise ModelError(
            f"{folder}: the model hears {wanted[0]} samples as {wanted[1]} mel bands, but "
            f"preprocessor_config.json gives {heard[0]} as {heard[1]}; do they belong together?"
        )
    return WhisperEncoder(spec, model, extractor, device)
