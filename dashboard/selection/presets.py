"""All settings at once, under the name of a study."""

from typing import Any

import streamlit as st

from dashboard.selection.values import ESTIMATORS
from pipeline.presets import PRESETS, Preset
from pipeline.view_parameters import measure_parameters, rows_state, settings_parameters


def choose_preset() -> None:
    """Show the presets in a popover; a choice sets the widgets, which can be changed after it."""
    with st.popover("Presets", icon=":material/bookmark:"):
        for preset in PRESETS.values():
            st.button(
                preset.name.capitalize(),
                on_click=_apply,
                args=(preset,),
                key=f"preset-{preset.name}",
                width="stretch",
            )
            st.caption(f"{preset.description[0].upper()}{preset.description[1:]}.")


def _apply(preset: Preset) -> None:
    """Set the widgets; runs before the page."""
    st.session_state.update(preset_state(preset))


def preset_state(preset: Preset) -> dict[str, Any]:
    """Return the state of every widget that a preset sets."""
    estimator = next(label for label, of in ESTIMATORS.items() if of == preset.estimator)
    return {
        "stride": preset.settings.stride_ms,
        **settings_parameters(preset.settings),
        **rows_state(preset.rows),
        **measure_parameters(preset.measure),
        "estimator": estimator,
    }
