"""Recordings as the inputs of a speech encoder of transformers, several at once where exact."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import torch
from torch.nn import Identity
from torch.nn.utils.rnn import pad_sequence
from transformers import PreTrainedModel

from pipeline.models.batching import Waveform

Inputs = dict[str, torch.Tensor]
FeatureExtractor = Callable[..., Mapping[str, torch.Tensor]]

# Their positional convolution and attention see padded rows as they see none. Conformers and
# data2vec convolve again and again, and SEW squeezes its rows before they are masked.
_MASKING = frozenset({"wav2vec2", "hubert", "wavlm", "unispeech", "unispeech-sat"})


class SpeechInputs(ABC):
    """Makes the inputs of a batch.

    Attributes
    ----------
    pads : bool
        Whether it takes more recordings than one: each then gets the layers that it has alone.
    """

    pads: ClassVar[bool]

    def __init__(
        self, model: PreTrainedModel, feature_extractor: FeatureExtractor, sample_rate_hz: int
    ) -> None:
        self._device = model.device
        self._feature_extractor = feature_extractor
        self._sample_rate_hz = sample_rate_hz

    @abstractmethod
    def __call__(self, recordings: Sequence[Waveform]) -> tuple[Inputs, list[int] | None]:
        """Return the inputs, and how many rows each recording gets; None: all."""

    def _given(self, recordings: Sequence[Waveform]) -> Inputs:
        given = self._feature_extractor(
            list(recordings), sampling_rate=self._sample_rate_hz, padding=True, return_tensors="pt"
        )
        return {name: values.to(self._device) for name, values in given.items()}


class OneWaveform(SpeechInputs):
    """One recording as it is: without padding there is nothing to mask."""

    pads = False

    def __call__(self, recordings: Sequence[Waveform]) -> tuple[Inputs, None]:
        """Return the samples."""
        return {"input_values": self._given(recordings)["input_values"]}, None


class ConvolvedAlone(SpeechInputs):
    """Each recording through the convolutions by itself, then all of them padded.

    Group normalisation takes its mean over time, so that no padding may come before it.
    """

    pads = True

    def __init__(
        self, model: PreTrainedModel, feature_extractor: FeatureExtractor, sample_rate_hz: int
    ) -> None:
        super().__init__(model, feature_extractor, sample_rate_hz)
        self._convolutions = model.get_submodule("feature_extractor")
        model.feature_extractor = Identity()

    def __call__(self, recordings: Sequence[Waveform]) -> tuple[Inputs, list[int]]:
        """Return what the convolutions gave, and which samples the model would have been given."""
        convolved = [self._convolve(samples) for samples in recordings]
        counts = [len(rows) for rows in convolved]
        inputs = {"input_values": pad_sequence(convolved, batch_first=True).transpose(1, 2)}
        if len(set(counts)) > 1:
            # From these the model counts the rows of each.
            lengths = torch.tensor([len(samples) for samples in recordings], device=self._device)
            longest = torch.arange(int(lengths.max()), device=self._device)
            inputs["attention_mask"] = longest < lengths[:, None]
        return inputs, counts

    def _convolve(self, samples: Waveform) -> torch.Tensor:
        values = self._given([samples])["input_values"]
        rows: torch.Tensor = self._convolutions(values)[0].T
        return rows


class Filterbank(SpeechInputs):
    """Filterbanks with their mask; a single one may get half a row of padding at its end, too."""

    pads = True

    def __call__(self, recordings: Sequence[Waveform]) -> tuple[Inputs, list[int]]:
        """Return the filterbanks of the recordings, padded."""
        inputs = self._given(recordings)
        return inputs, [int(count) for count in inputs["attention_mask"].sum(dim=1)]


def inputs_of(
    model: PreTrainedModel, feature_extractor: FeatureExtractor, sample_rate_hz: int
) -> SpeechInputs:
    """Return what makes the inputs of this model; the model may lose its front end to it."""
    if model.main_input_name == "input_features":
        return Filterbank(model, feature_extractor, sample_rate_hz)
    if model.config.model_type in _MASKING:
        return ConvolvedAlone(model, feature_extractor, sample_rate_hz)
    return OneWaveform(model, feature_extractor, sample_rate_hz)
