"""How many samples lie between two rows of a model, measured once it is loaded."""

import logging
from collections.abc import Callable

import numpy as np
from jaxtyping import Float32

from pipeline.errors import ModelError
from pipeline.models.spec import ModelSpec

log = logging.getLogger(__name__)

# Short, since it is run each time a model is loaded.
_SHORT_S, _LONG_S = 1, 2


def measured_stride(
    spec: ModelSpec, count_rows: Callable[[Float32[np.ndarray, " samples"]], int]
) -> int | float:
    """Return the samples from one row to the next, by running the model on 1 s and on 2 s.

    That is ``1 s / (rows of 2 s - rows of 1 s)``. Rows are whole, so the difference is known to
    less than one row: a stride that the spec announces is taken as exact if it fits, and otherwise
    a warning says that it does not.

    Parameters
    ----------
    spec : ModelSpec
    count_rows : callable
        Runs the model over samples at the spec's rate and returns how many rows it gave.

    Raises
    ------
    ModelError
        If longer recordings do not get more rows.
    """
    rate_hz = spec.sample_rate_hz or 16_000
    few, many = (count_rows(noise(seconds * rate_hz)) for seconds in (_SHORT_S, _LONG_S))
    if many <= few:
        raise ModelError(
            f"{spec.name}: expected rows that go with the recording's time, found {few} for "
            f"{_SHORT_S} s and {many} for {_LONG_S} s; this kind of model is not supported"
        )
    samples, announced = (_LONG_S - _SHORT_S) * rate_hz, spec.stride_samples
    if announced is not None and abs(samples - announced * (many - few)) < announced:
        return announced
    found = samples / (many - few)
    log.warning(
        "%s: its configuration says a row every %s samples, but it gives one every %g; these rows "
        "get the times of the latter",
        spec.name,
        announced,
        found,
    )
    return int(found) if found.is_integer() else found


def noise(samples: int) -> Float32[np.ndarray, " samples"]:
    """Return the same quiet white noise each time."""
    generator = np.random.default_rng(0)
    return 0.1 * generator.standard_normal(samples, dtype=np.float32)
