"""By which measure, and which of its values a heatmap shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import streamlit as st

from dashboard.selection.bound import side_by_side
from pipeline.analyses.readings import Reading
from pipeline.similarity.measure import MEASURES
from pipeline.similarity.result import Estimator

READINGS: dict[str, Reading] = {name.capitalize(): name for name in get_args(Reading)}
ESTIMATORS: dict[str, Estimator] = {name.capitalize(): name for name in get_args(Estimator)}
TITLES: dict[str, str] = {
    measure.title[0].upper() + measure.title[1:]: name for name, measure in MEASURES.items()
}
_READINGS_HELP = """
- **Score**: the value itself.
- **Z over rows**: standard deviations above what the rows give in any order.
- **Z over words**: above what word types give when they exchange their vectors, so that words that
  come again and again explain nothing.
"""


@dataclass(frozen=True)
class ShownValues:
    """What of a result is drawn.

    Attributes
    ----------
    estimator : {"debiased", "biased"}
    reading : {"score", "z over rows", "z over words"}
    stretch : bool
        Whether colours span the values that occur, instead of 0 to 1.
    mask : bool
        Whether cells that do not stand out over words are struck out.
    """

    estimator: Estimator = "debiased"
    reading: Reading = "score"
    stretch: bool = False
    mask: bool = False

    @property
    def needs_nulls(self) -> bool:
        """Whether it takes the type-label null of all cells."""
        return self.mask or self.reading == "z over words"

    def parameters(self) -> dict[str, str]:
        """Return the query parameters."""
        return {
            "estimator": _label(ESTIMATORS, self.estimator),
            "show": _label(READINGS, self.reading),
            "stretch": str(self.stretch).lower(),
            "mask": str(self.mask).lower(),
        }


def measure_parameters(measure: str) -> dict[str, str]:
    """Return the query parameter of a measure."""
    return {"measure": _label(TITLES, measure)}


def choose_measure() -> str:
    """Show the measures."""
    title = st.selectbox(
        "Measure",
        list(TITLES),
        key="measure",
        bind="query-params",
        help="Chance levels, nulls and intervals are those of linear CKA.",
    )
    return TITLES[title]


def choose_subject(names: Sequence[str]) -> str:
    """Show what a page about one pair of layers can tell of it."""
    return side_by_side("What", names, key="subject", help_="What is told of the two layers.")


def choose_values(measure: str) -> ShownValues:
    """Show the switches of a heatmap; a measure without them shows its score."""
    is_cka = measure == "cka"
    estimator: Estimator = "debiased"
    if "debiased" in MEASURES[measure].functions:
        estimator = ESTIMATORS[
            side_by_side(
                "Estimator",
                list(ESTIMATORS),
                key="estimator",
                help_="Biased values rise with the number of dimensions; debiased are 0 by chance.",
            )
        ]
    reading: Reading = "score"
    if is_cka:
        reading = READINGS[side_by_side("Show", list(READINGS), key="show", help_=_READINGS_HELP)]
    stretch = reading == "score" and st.toggle("Stretch", key="stretch", bind="query-params")
    mask = is_cka and st.toggle(
        "Mask",
        key="mask",
        bind="query-params",
        help="Strike out the cells that word types reach by chance, given that the best of all "
        "cells is looked at (family-wise, 5 %).",
    )
    return ShownValues(estimator, reading, stretch, mask)


def _label(labels: Mapping[str, str], value: str) -> str:
    return next(label for label, name in labels.items() if name == value)
