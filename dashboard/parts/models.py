"""The models, searched on the server, one a row; a click selects one."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard import loading
from pipeline.models.listing import layers_are_known
from pipeline.models.spec import ModelSpec

KEY, SHOWN = "models", "shown-models"
MOST_ROWS, MOST_IN_SIGHT, HEIGHT_PX = 200, 9, 360


def show(specs: Sequence[ModelSpec]) -> None:
    """Show the first models; a click takes one into the address."""
    shown = specs[:MOST_ROWS]
    st.dataframe(
        [_row(spec) for spec in shown],
        hide_index=True,
        placeholder="–",
        height=HEIGHT_PX if len(shown) > MOST_IN_SIGHT else "auto",
        key=KEY,
        on_select=_select,
        selection_mode="single-cell",
        column_config={
            "Download": st.column_config.NumberColumn(format="%.0f MB"),
            "Stride": st.column_config.NumberColumn(format="%.3g ms"),
            "Rate": st.column_config.NumberColumn(format="%.1f kHz"),
        },
        alt="The models that were found: family, what each reads, layers, rate and licence",
    )
    # What the callback, which runs before the next page, takes the clicked row from.
    st.session_state[SHOWN] = [spec.name for spec in shown]
    if len(specs) > MOST_ROWS:
        st.caption(f"The first {MOST_ROWS} of {len(specs):,}; search for the others.")


def show_unusable(reasons: Mapping[str, str]) -> None:
    """Show a popover that lists the models that were named here, but cannot be used."""
    if not reasons:
        return
    with st.popover(f"{len(reasons):,} cannot be used", icon=":material/rule:", type="tertiary"):
        st.dataframe(
            [{"Model": name, "Reason": why} for name, why in reasons.items()],
            hide_index=True,
            width=720,
            alt="Models that cannot be used, and why",
        )
        for name in filter(loading.model_was_added, reasons):
            st.button(
                "Remove from the menus",
                icon=":material/delete:",
                on_click=loading.forget_model,
                args=(name,),
                key=f"remove-{name}",
                help="It was added here.",
            )


def _row(spec: ModelSpec) -> dict[str, Any]:
    known = layers_are_known(spec)
    return {
        "Model": spec.name,
        "On disk": spec.on_disk and loading.bundle() is None,
        "Family": spec.family,
        "Reads": spec.modality,
        "Layers": len(spec.layer_names) if known else None,
        "Dims": spec.dims or None,
        "Rate": spec.sample_rate_hz / 1000 if spec.sample_rate_hz else None,
        "Stride": spec.stride_ms,
        "Download": spec.download_bytes / 1e6 if spec.download_bytes else None,
        "Licence": spec.licence,
    }


def _select() -> None:
    """Take the row of the clicked cell for the model; runs before the page."""
    cells = st.session_state[KEY].selection.cells
    names = st.session_state[SHOWN]
    if cells and cells[0][0] < len(names):
        st.session_state["model"] = names[cells[0][0]]
