"""Widgets that are bound to a query parameter."""

from collections.abc import Iterable, Sequence

import streamlit as st


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
