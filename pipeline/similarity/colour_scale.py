"""Which values the first and the last colour of a heatmap stand for, on pages and on paper."""

import math
from typing import Final

import numpy as np
from jaxtyping import Float64

COLOUR_SCALE: Final = "viridis"
"""Evenly bright steps that the colour-blind tell apart, also in grey; of Plotly and Matplotlib."""

SMALLEST_STEP: Final = 0.01
"""Of a scale that follows the values, so that noise around one value does not fill all colours."""


def colour_domain(
    scores: Float64[np.ndarray, "layers_a layers_b"], *, stretch: bool
) -> tuple[float, float]:
    """Return the values of the first and the last colour, both within 0 to 1.

    Examples
    --------
    >>> colour_domain(np.array([[0.062, 0.303]]), stretch=False)
    (0.0, 1.0)
    >>> colour_domain(np.array([[0.062, 0.303]]), stretch=True)
    (0.05, 0.35)
    """
    finite = scores[np.isfinite(scores)]
    if not stretch or not finite.size:
        return 0.0, 1.0
    lowest, highest = np.clip([finite.min(), finite.max()], 0.0, 1.0)
    step = scale_step(highest - lowest)
    low, high = step_below(lowest, step), step_above(highest, step)
    return (low, high) if low < high else (max(0.0, low - step), min(1.0, high + step))


def z_domain(z: Float64[np.ndarray, "layers_a layers_b"]) -> tuple[float, float]:
    """Return 0, and a round number that no value exceeds.

    Examples
    --------
    >>> z_domain(np.array([[-1.2, 13.4]]))
    (0.0, 15.0)
    """
    highest = float(z[np.isfinite(z)].max(initial=1.0))
    return 0.0, step_above(highest, scale_step(highest))


def scale_step(width: float) -> float:
    """Return a round step, 1, 2 or 5 times a power of ten, for at most five steps to a scale."""
    step = max(width / 5, SMALLEST_STEP)
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if step <= factor * power)


def step_below(value: float, step: float) -> float:
    """Return the last step that is not above a value, but for rounding."""
    return round(math.floor(value / step + 1e-9) * step, 10)


def step_above(value: float, step: float) -> float:
    """Return the first step that is not below a value, but for rounding."""
    return round(math.ceil(value / step - 1e-9) * step, 10)
