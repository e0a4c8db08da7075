"""What a model does, measured by running it: how far apart its rows are."""

from dataclasses import dataclass

import numpy as np

from pipeline.errors import ModelError
from pipeline.models.extractor import AudioModel, Model
from pipeline.models.row_stride import noise

SHORT_S, LONG_S = 2, 6


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
