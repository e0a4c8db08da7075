"""What a model does, measured by running it: how far apart its rows are, and how exact they are."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from pipeline.errors import ModelError
from pipeline.models.extractor import AudioModel, Model, TextModel
from pipeline.models.row_stride import noise

SHORT_S, LONG_S = 2, 6
TRANSCRIPT = ("the", "north", "wind", "and", "the", "sun", "were", "disputing")


@dataclass(frozen=True)
class StrideProbe:
    """How many moments a model tells apart in noise of 2 s and of 6 s.

    Attributes
    ----------
    few, many : int
        Rows that start at different times.
    sample_rate_hz : int
    """

    few: int
    many: int
    sample_rate_hz: int

    @property
    def stride_samples(self) -> float:
        """Samples from one row to the next: those of the further 4 s over the further rows."""
        return (LONG_S - SHORT_S) * self.sample_rate_hz / (self.many - self.few)


def probe_stride(model: Model) -> StrideProbe:
    """Run a model over seeded noise of two lengths, to see its stride whatever is announced.

    Raises
    ------
    ModelError
        If the model hears nothing, or gives a longer recording no more rows.
    """
    spec = model.spec
    if not isinstance(model, AudioModel):
        raise ModelError(f"{spec.name} hears nothing and has no stride; probe a model that hears")
    rate_hz = spec.sample_rate_hz or 16_000
    extractions = (model.extract(noise(length * rate_hz), rate_hz) for length in (SHORT_S, LONG_S))
    few, many = (len(np.unique(each.frames.start_samples)) for each in extractions)
    if many <= few:
        raise ModelError(
            f"{spec.name}: expected rows that go with the recording's time, found {few} in "
            f"{SHORT_S} s and {many} in {LONG_S} s; such a model tells no words apart"
        )
    return StrideProbe(few, many, rate_hz)


@dataclass(frozen=True)
class LayerError:
    """How far the rows of one layer are from those of the same model in float32.

    A row's error is ``||row - exact|| / ||exact||``.

    Attributes
    ----------
    layer : str
    largest, mean : float
        Of all rows that are not zero.
    """

    layer: str
    largest: float
    mean: float


def probe_error(model: Model, exact: Model) -> list[LayerError]:
    """Compare a model to itself in float32, on seeded noise of 6 s or on a transcript.

    Raises
    ------
    ModelError
        If the model neither hears nor reads.
    """
    pairs = zip(model.spec.layer_names, _layers(model), _layers(exact), strict=True)
    return [_layer_error(name, found, expected) for name, found, expected in pairs]


def _layers(model: Model) -> list[Float32[np.ndarray, "_ dim"]]:
    if isinstance(model, AudioModel):
        rate_hz = model.spec.sample_rate_hz or 16_000
        return model.extract(noise(LONG_S * rate_hz), rate_hz).layers
    if isinstance(model, TextModel):
        return model.extract_text(TRANSCRIPT).layers
    raise ModelError(f"{model.spec.name} is not run; there is nothing to compare")


def _layer_error(
    name: str, found: Float32[np.ndarray, "rows dim"], exact: Float32[np.ndarray, "rows dim"]
) -> LayerError:
    lengths = np.linalg.norm(exact, axis=1)
    rows = lengths > 0
    errors = np.linalg.norm(found[rows] - exact[rows], axis=1) / lengths[rows]
    return LayerError(name, float(errors.max(initial=0.0)), float(errors.mean()))
