"""Widgets that are bound to a query parameter, and parameters that no widget reads."""

import math
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Literal

import streamlit as st

_MOST_DIGITS = 9


def chosen(key: str, choices: Iterable[str]) -> str:
    """Return what a widget that is drawn later has chosen, or will take from the address."""
    names = list(choices)
    name = st.session_state.get(key, st.query_params.get(key))
    return name if name in names else names[0]


def side_by_side(label: str, names: Sequence[str], *, key: str, help_: str) -> str:
    """Show a few names side by side, the first chosen by default."""
    return st.segmented_control(
        label, names, default=names[0], required=True, key=key, bind="query-params", help=help_
    )


def widget_parameters(keys: Iterable[str]) -> dict[str, str | list[str]]:
    """Return the query parameters of widgets as they stand, but for those that are empty."""
    values = {key: st.session_state[key] for key in keys if key in st.session_state}
    return {
        key: str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in values.items()
        if value not in (None, "")
    }


def number_below(limit: int, text: str) -> int | None:
    """Return the whole number from 0 that an address says, None unless it is below a limit.

    Examples
    --------
    >>> number_below(10, "7"), number_below(7, "7"), number_below(10, "-1"), number_below(10, "x")
    (7, None, None, None)
    """
    if not text.isascii() or not text.isdecimal() or len(text) > _MOST_DIGITS:
        return None
    return int(text) if int(text) < limit else None


def bound_number(key: str) -> Literal["query-params"] | None:
    """Return how a field of a number is bound: not to an infinite one, which it fails to read."""
    with suppress(ValueError):  # what is no number, the field knows
        if math.isinf(float(st.query_params.get(key, ""))):
            return None
    return "query-params"
