"""By which measure, and which of its values a heatmap shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import streamlit as st

from dashboard.selection.bound import chosen, side_by_side
from pipeline.analyses.masks import MaskBy, analyses_of
from pipeline.analyses.readings import Reading
from pipeline.similarity.measure import MEASURES
from pipeline.similarity.result import Estimator
from pipeline.similarity.row_settings import Values
from pipeline.similarity.type_null import Within
from pipeline.view_parameters import TITLES

READINGS: dict[str, Reading] = {name.capitalize(): name for name in get_args(Reading)}
ESTIMATORS: dict[str, Estimator] = {name.capitalize(): name for name in get_args(Estimator)}
MASKS: dict[str, MaskBy] = {name.capitalize(): name for name in get_args(MaskBy)}
EXCHANGES: dict[str, Within] = {"Any types": "all", "As frequent": "frequency"}
_MASK_PX = 130
_READINGS_HELP = """
- **Score**: the value itself.
- **Z over rows**: standard deviations above what the rows give in any order.
- **Z over words**: above what word types give when they exchange their vectors, so that words that
  come again and again explain nothing.
"""
_MASK_HELP = """
Strikes out the cells that are not above chance:
- **Chance**: scores at most two standard deviations above what rows give in any order.
- **Words**: those that word types reach by chance, given that the best of all cells is looked at
  (family-wise, 5 %).
- **Interval**: those whose 95 % interval over types and speakers reaches down to what words give
  by chance, each cell by itself.
"""
_EXCHANGE_HELP = (
    "For what words give by chance. *As frequent*: only types that come about as often (1, 2 to 3, "
    "4 to 7, ... tokens) exchange vectors; choose it where both models may do no more than tell "
    "frequent words from rare ones."
)


@dataclass(frozen=True)
class ShownValues:
    """What of a result is drawn.

    Attributes
    ----------
    estimator : {"debiased", "biased"}
    reading : {"score", "z over rows", "z over words"}
    stretch : bool
        Whether colours span the values that occur, instead of 0 to 1.
    mask_by : {"nothing", "chance", "words", "interval"}
        What the cells that are struck out are not above.
    within : {"all", "frequency"}
        Which word types exchange their vectors in the null of the selected cell.
    """

    estimator: Estimator = "debiased"
    reading: Reading = "score"
    stretch: bool = False
    mask_by: MaskBy = "nothing"
    within: Within = "all"

    def analyses(self, values: Values) -> set[str]:
        """Return the names of the analyses of all cells that it takes, of rows of such values."""
        over_words = self.reading == "z over words" and values != "within type"
        return {*analyses_of(self.mask_by, values), *(["nulls"] * over_words)}

    def parameters(self) -> dict[str, str]:
        """Return the query parameters."""
        return {
            "estimator": _label(ESTIMATORS, self.estimator),
            "show": _label(READINGS, self.reading),
            "stretch": str(self.stretch).lower(),
            "mask_by": _label(MASKS, self.mask_by),
            "exchange": _label(EXCHANGES, self.within),
        }


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
    if not is_cka:
        return ShownValues(estimator, reading, stretch)
    mask_by = MASKS[
        st.selectbox(
            "Mask",
            list(MASKS),
            key="mask_by",
            bind="query-params",
            width=_MASK_PX,
            help=_MASK_HELP,
        )
    ]
    return ShownValues(
        estimator, reading, stretch, mask_by, EXCHANGES[chosen("exchange", EXCHANGES)]
    )


def choose_exchange() -> Within:
    """Show which word types exchange their vectors in the null of the selected cell."""
    return EXCHANGES[
        side_by_side(
            "Types exchange vectors with", list(EXCHANGES), key="exchange", help_=_EXCHANGE_HELP
        )
    ]


def _label(labels: Mapping[str, str], value: str) -> str:
    return next(label for label, name in labels.items() if name == value)
