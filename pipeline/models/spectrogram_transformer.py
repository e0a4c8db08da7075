"""Audio spectrogram transformers (AST): patches of a mel spectrogram, some 10 s at a time."""

from collections.abc import Callable, Mapping
from dataclasses import replace
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

_SPECIAL_TOKENS = 2  # for the class and for distillation: they are at no time


class SpectrogramTransformer(PretrainedHearing):
    """A model whose rows are patches: some frequencies in some frames of the spectrogram.

    The rows of one column, from low frequencies to high, have the same times; columns follow each
    other in time. Only columns that lie wholly in the recording are kept. A recording longer than
    the model's window is heard in overlapping windows, and each column is taken from the one where
    it is most central.

    Parameters
    ----------
    spec : ModelSpec
    model : PreTrainedModel
    feature_extractor : callable
        transformers' ``ASTFeatureExtractor``: Kaldi's filterbank, padded to the model's window.
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
        config = model.config
        self._columns = (config.max_length - config.patch_size) // config.time_stride + 1
        self._bands = (config.num_mel_bins - config.patch_size) // config.frequency_stride + 1
        # Kaldi's frames are 25 ms long, one every 10 ms.
        hop, frame = self._sample_rate_hz // 100, self._sample_rate_hz // 40
        self._stride_samples = config.time_stride * hop
        self._window_samples = (config.patch_size - 1) * hop + frame

    def hear_one(self, waveform: Float32[np.ndarray, " samples"], sample_rate: int) -> Heard:
        """Return every layer, and what each row saw of the recording.

        Raises
        ------
        ModelError
            If the recording is shorter than a column, or the model is not what its spec announces.
        """
        samples = resample(waveform, sample_rate, self._sample_rate_hz)
        if len(samples) < self._window_samples:
            raise ModelError(
                f"{self.spec.name}: the recording has {len(samples)} samples at "
                f"{self._sample_rate_hz} Hz, expected at least {self._window_samples}; leave it out"
            )
        columns = (len(samples) - self._window_samples) // self._stride_samples + 1
        parts = [
            [layer[window.taken] for layer in self._run(samples, window.start)]
            for window in central_windows(columns, self._columns)
        ]
        layers = [joined_rows(layer).flatten(0, 1) for layer in zip(*parts, strict=True)]
        rows = columns * self._bands
        return Heard(DeviceLayers(layers, (0,), (rows,)), (self._frames(columns),))

    def _run(
        self, samples: Float32[np.ndarray, " samples"], first_column: int
    ) -> list[Float32[torch.Tensor, "columns bands dim"]]:
        first = first_column * self._stride_samples
        end = first + (self._columns - 1) * self._stride_samples + self._window_samples
        with full_precision(torch.device("cpu")):
            given = self._features(samples[first:end])
        patches = given["input_values"].to(self.device)
        layers = run_transformer(self.spec, self._model, input_values=patches).layers
        # The model counts along time first, band by band.
        shape = self._bands, self._columns, self.spec.dims
        return [layer[_SPECIAL_TOKENS:].reshape(shape).transpose(0, 1) for layer in layers]

    def _frames(self, count: int) -> FrameTimes:
        columns = FrameTimes.regular(
            count,
            sample_rate_hz=self._sample_rate_hz,
            stride_samples=self._stride_samples,
            window_samples=self._window_samples,
        )
        starts, ends = (
            np.repeat(edges, self._bands) for edges in (columns.start_samples, columns.end_samples)
        )
        return replace(columns, start_samples=starts, end_samples=ends)


def load(spec: ModelSpec, device: str) -> SpectrogramTransformer:
    """Return the model in the folder ``spec.source``.

    Raises
    ------
    ModelError
        If it cannot be loaded, or its feature extractor is that of another model.
    """
    folder = Path(spec.source)
    extractor, model = load_feature_extractor(folder), load_speech_encoder(folder)
    given = getattr(extractor, "max_length", None), getattr(extractor, "num_mel_bins", None)
    wanted = model.config.max_length, model.config.num_mel_bins
    if given != wanted:
        raise ModelError(
            f"{folder}: the model hears {wanted[0]} frames of {wanted[1]} mel bands, but "
            f"preprocessor_config.json gives {given[0]} of {given[1]}; do they belong together?"
        )
    return SpectrogramTransformer(spec, model, extractor, device)
