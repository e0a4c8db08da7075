"""What models of transformers that hear have in common."""

from collections.abc import Callable, Mapping
from typing import ClassVar

import torch
from transformers import PreTrainedModel

from pipeline.models.batching import HearingModel, Waveform
from pipeline.models.hidden_states import in_eval_mode
from pipeline.models.spec import ModelSpec


class PretrainedHearing(HearingModel):
    """A model of transformers that hears what a feature extractor of transformers makes.

    Parameters
    ----------
    spec : ModelSpec
    model : PreTrainedModel
    feature_extractor : callable
    device : str

    Attributes
    ----------
    usual_rate_hz : int
        The sample rate where the spec names none.
    """

    usual_rate_hz: ClassVar[int] = 16_000

    def __init__(
        self,
        spec: ModelSpec,
        model: PreTrainedModel,
        feature_extractor: Callable[..., Mapping[str, torch.Tensor]],
        device: str,
    ) -> None:
        self.spec, self.device = spec, torch.device(device)
        self._model = in_eval_mode(model, device)
        self._feature_extractor = feature_extractor
        self._sample_rate_hz = spec.sample_rate_hz or self.usual_rate_hz

    def _features(self, samples: Waveform) -> Mapping[str, torch.Tensor]:
        """Return what the feature extractor makes of samples at the model's rate."""
        return self._feature_extractor(
            samples, sampling_rate=self._sample_rate_hz, return_tensors="pt"
        )
