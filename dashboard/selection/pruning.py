"""Which records of the store are meant, as widgets."""

from collections.abc import Iterable

import streamlit as st

from cache import Usage, totals
from dashboard.selection.bound import bound_number
from pipeline.engine import LABELS, Pruning

_ANY = "Any"
_GIB = 2**30


def choose_pruning(usage: Iterable[Usage]) -> Pruning:
    """Show the criteria; what is not set does not matter.

    Parameters
    ----------
    usage : iterable of Usage
        What the store holds: only that is offered.
    """
    listed = list(usage)
    grid = st.grid(3, min_column_width=190, vertical_alignment="bottom")
    chosen = {}
    for name in ("kind", *LABELS):
        names = sorted(each.name for each in totals(listed, name) if each.name is not None)
        with grid.cell():
            chosen[name] = st.selectbox(
                name.capitalize(), [_ANY, *names], key=f"prune_{name}", bind="query-params"
            )
    with grid.cell():
        days = _number("Older than (days)", "prune_days", "Since a record was written.")
    with grid.cell():
        gib = _number(
            "Down to (GiB)", "prune_gib", "Only the oldest, until the store is no larger."
        )
    return Pruning(
        **{name: None if value == _ANY else value for name, value in chosen.items()},
        older_than_days=days,
        to_size_bytes=None if gib is None else round(gib * _GIB),
    )


def _number(label: str, key: str, help_: str) -> float | None:
    return st.number_input(
        label,
        min_value=0.0,
        step=1.0,
        value=None,
        placeholder="any",
        key=key,
        bind=bound_number(key),
        help=help_,
    )
