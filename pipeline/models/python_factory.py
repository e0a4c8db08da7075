"""Runs models that are written in Python elsewhere, and checks what they give."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32

from pipeline.errors import ModelError
from pipeline.models.extractor import AudioModel, Extraction, TextExtraction, TextModel
from pipeline.models.known.python_factory import build
from pipeline.models.spec import ModelSpec


@dataclass(frozen=True)
class CheckedAudioModel:
    """A model that hears, whose layers are those that its spec announces."""

    spec: ModelSpec
    made: AudioModel

    def extract(self, waveform: Float32[np.ndarray, " samples"], sample_rate: int) -> Extraction:
        """Run the model over one recording.

        Raises
        ------
        ModelError
            If the model gives something else than it announced.
        """
        found = self.made.extract(waveform, sample_rate)
        _require(self.spec, found, Extraction)
        return replace(found, layers=_checked(self.spec, found.layers))


@dataclass(frozen=True)
class CheckedTextModel:
    """A model that reads, whose layers are those that its spec announces."""

    spec: ModelSpec
    made: TextModel

    def extract_text(self, words: Sequence[str]) -> TextExtraction:
        """Run the model over one transcript.

        Raises
        ------
        ModelError
            If the model gives something else than it announced.
        """
        found = self.made.extract_text(words)
        _require(self.spec, found, TextExtraction)
        if len(found.spans) != len(words):
            raise ModelError(f"{self.spec.name}: {len(found.spans)} spans for {len(words)} words")
        return replace(found, layers=_checked(self.spec, found.layers))


def _require(spec: ModelSpec, found: object, expected: type) -> None:
    if not isinstance(found, expected):
        raise ModelError(
            f"{spec.name}: expected it to return {expected.__name__}, found {type(found).__name__}"
        )


def _checked(
    spec: ModelSpec, layers: Sequence[np.ndarray]
) -> list[Float32[np.ndarray, "rows dim"]]:
    shapes = [np.shape(layer) for layer in layers]
    expected = [(shapes[0][0], spec.dims)] * len(spec.layer_names) if shapes and shapes[0] else []
    if not expected or shapes != expected:
        raise ModelError(
            f"{spec.name}: expected {len(spec.layer_names)} layers of {spec.dims} dimensions and "
            f"as many rows each, found shapes {', '.join(map(str, shapes)) or 'of nothing'}"
        )
    checked = [np.asarray(layer, dtype=np.float32) for layer in layers]
    if not all(np.isfinite(layer).all() for layer in checked):
        raise ModelError(
            f"{spec.name}: the model gave infinite values or values that are no number"
        )
    return checked


def load(spec: ModelSpec, _device: str) -> CheckedAudioModel | CheckedTextModel:
    """Return the model that the factory makes; on what device it runs is its own affair."""
    made = build(spec.name)
    if isinstance(made, AudioModel):
        return CheckedAudioModel(spec, made)
    return CheckedTextModel(spec, made)
