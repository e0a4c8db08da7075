"""Models in fewer digits than float32: torch's automatic mixed precision, around any of them.

Matrix products and convolutions are of numbers of 16 bits; what sums or normalises stays in
float32, and so do the weights that are kept. ``models probe`` shows what that costs.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

import torch

from pipeline.errors import ModelError
from pipeline.models.batching import Heard, Read, Waveform, hear, read
from pipeline.models.extractor import AudioModel, Extraction, Model, TextExtraction, TextModel
from pipeline.models.spec import ModelSpec

DTYPES: Mapping[str, torch.dtype] = {"bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Precision:
    """Numbers of one type, on one device."""

    dtype: torch.dtype
    device: torch.device

    @contextmanager
    def autocast(self) -> Iterator[None]:
        """Compute in this precision within the context."""
        without = without_onednn if self.device.type == "cpu" else nullcontext
        with without(), torch.autocast(self.device.type, dtype=self.dtype):
            yield


@contextmanager
def without_onednn() -> Iterator[None]:
    """Leave oneDNN out, whose convolutions of 16 bits cannot be trusted.

    With torch 2.11 on a processor with AMX and AVX512-FP16, those of bfloat16 were wrong by half of
    the values, and depthwise ones of float16 never returned. For the whole process: a worker does
    one task at a time. On a CPU fewer digits save no time, so that what is slower does not matter.
    """
    before = torch.backends.mkldnn.enabled
    torch.backends.mkldnn.enabled = False  # type: ignore[assignment] # a property, says torch
    try:
        yield
    finally:
        torch.backends.mkldnn.enabled = before


@dataclass
class MixedAudioModel:
    """A model that hears in another precision."""

    spec: ModelSpec
    model: AudioModel
    precision: Precision

    @property
    def device(self) -> torch.device:
        """Where torch runs it."""
        return self.precision.device

    def extract(self, waveform: Waveform, sample_rate: int) -> Extraction:
        """Return what the model gives, in float32 again."""
        return self.hear([waveform], sample_rate).extraction(0)

    def hear(self, waveforms: Sequence[Waveform], sample_rate: int) -> Heard:
        """Return what the model gives of several recordings, in float32 again."""
        with self.precision.autocast():
            return hear(self.model, waveforms, sample_rate)


@dataclass
class MixedTextModel:
    """A model that reads in another precision."""

    spec: ModelSpec
    model: TextModel
    precision: Precision

    @property
    def device(self) -> torch.device:
        """Where torch runs it."""
        return self.precision.device

    def extract_text(self, words: Sequence[str]) -> TextExtraction:
        """Return what the model gives, in float32 again."""
        return self.read([words]).extraction(0)

    def read(self, transcripts: Sequence[Sequence[str]]) -> Read:
        """Return what the model gives of several transcripts, in float32 again."""
        with self.precision.autocast():
            return read(self.model, transcripts)


def in_precision(model: Model, spec: ModelSpec, precision: str) -> Model:
    """Return a loaded model in another precision.

    Parameters
    ----------
    spec : ModelSpec
        The model's, with the precision.
    precision : {"bf16", "fp16"}

    Raises
    ------
    ModelError
        If torch does not run the model.
    """
    device = getattr(model, "device", None)
    if device is None or not isinstance(model, AudioModel | TextModel):
        raise ModelError(f"{spec.name}: torch does not run it, and it has one precision only")
    numbers = Precision(DTYPES[precision], device)
    if isinstance(model, AudioModel):
        return MixedAudioModel(spec, model, numbers)
    return MixedTextModel(spec, model, numbers)
