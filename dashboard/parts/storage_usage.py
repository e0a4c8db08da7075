"""What the store holds, how much more fits, and what takes the room."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from cache import Capacity, Usage, totals
from dashboard.parts.quantities import size
from pipeline.engine import LABELS

_MIB = 2**20
_EVERYTHING = "All"
GROUPS = ("Kind", "Corpus", "Model", "Settings", _EVERYTHING)
_COLUMNS = {
    "kind": st.column_config.TextColumn("Kind"),
    "corpus": st.column_config.TextColumn("Corpus"),
    "model": st.column_config.TextColumn("Model"),
    "settings": st.column_config.TextColumn("Settings", width="large"),
    "records": st.column_config.NumberColumn("Records", format="localized", width=100),
    "mib": st.column_config.NumberColumn("MiB", format="%.3f", width=100),
}


def show_capacity(usage: Sequence[Usage], capacity: Capacity) -> None:
    """Show the totals."""
    limit = capacity.limit_bytes
    readings = {
        "Records": (f"{sum(each.records for each in usage):,}", None),
        "In the store": (size(capacity.used_bytes), "Its index included."),
        "Limit": (
            "none" if limit is None else size(limit),
            "LAYERSCOPE_STORE_LIMIT; without one, the store may fill its disk.",
        ),
        "Free on the disk": (size(capacity.free_bytes), None),
    }
    grid = st.grid(4, min_column_width=110)
    for label, (value, meaning) in readings.items():
        grid.cell().metric(label, value, help=meaning)


def show_table(usage: Sequence[Usage], by: str) -> None:
    """Show the records and their size, by one of `GROUPS`."""
    st.dataframe(
        rows(usage, by),
        column_config=_COLUMNS,
        hide_index=True,
        alt=f"Records and their size by {by.lower()}",
    )


def rows(usage: Sequence[Usage], by: str) -> list[dict[str, Any]]:
    """Return the rows of the table, the largest first."""
    if by != _EVERYTHING:
        name = by.lower()
        return [
            {name: each.name or "", **_amount(each.records, each.size_bytes)}
            for each in totals(usage, name)
        ]
    largest = sorted(usage, key=lambda each: -each.size_bytes)
    return [
        {
            "kind": each.kind,
            **{name: each.labels.get(name, "") for name in LABELS},
            **_amount(each.records, each.size_bytes),
        }
        for each in largest
    ]


def _amount(records: int, size_bytes: int) -> dict[str, float]:
    return {"records": records, "mib": size_bytes / _MIB}
