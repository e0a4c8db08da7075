"""The alignment settings, in a popover."""

from collections.abc import Sequence

import streamlit as st

from dashboard.selection.bound import chosen, side_by_side
from pipeline.models.spec import ModelSpec
from pipeline.settings import STRIDES_MS, AlignmentSettings
from pipeline.view_parameters import FRAME_RULES, POOLINGS, SAMPLE_RATES, UNITS

_RULES_HELP = """
- **Centres inside**: the frames whose centre lies in the word, so that neighbours share none.
- **Overlap**: all that touch the word, in the mean weighted by how much; for strides over 40 ms.
- **Thesis**: the original study's; neighbours share the frame at their boundary.
- **Pasad**: that of Pasad et al.; neighbours share a frame unless their boundary is the frame's.
"""


def choose_settings(specs: Sequence[ModelSpec]) -> AlignmentSettings:
    """Show the alignment settings in a popover whose label says them in three words."""
    unit, pooling = chosen("unit", UNITS), chosen("pooling", POOLINGS)
    rule = chosen("rule", FRAME_RULES)
    title = f"{unit}s · {pooling.lower()} · {rule.lower()}"
    with st.popover(title, icon=":material/tune:", width="stretch"):
        unit = side_by_side(
            "Unit", list(UNITS), key="unit", help_="What one row of the comparison is."
        )
        rule = st.selectbox(
            "Frames of a word",
            list(FRAME_RULES),
            key="rule",
            bind="query-params",
            help=_RULES_HELP,
        )
        pooling = st.selectbox(
            "Pooling",
            list(POOLINGS),
            key="pooling",
            bind="query-params",
            help="How a word's frames become one vector.",
        )
        rate = st.selectbox("Sample rate", list(SAMPLE_RATES), key="rate", bind="query-params")
        stride_ms = st.number_input(
            "Stride (ms)",
            *STRIDES_MS,
            value=None,
            placeholder="Automatic",
            key="stride",
            bind="query-params",
        )
        st.caption(" ".join(map(_timing, specs)))
    return AlignmentSettings(
        unit=UNITS[unit],
        frame_rule=FRAME_RULES[rule],
        pooling=POOLINGS[pooling],
        sample_rate_hz=SAMPLE_RATES[rate],
        stride_ms=stride_ms,
    )


def _timing(spec: ModelSpec) -> str:
    if spec.hears and spec.sample_rate_hz and spec.stride_ms:
        return (
            f"`{spec.name}`: {spec.sample_rate_hz / 1000:g} kHz, "
            f"a frame every {spec.stride_ms:g} ms."
        )
    reads = "the words themselves" if spec.modality == "control" else "the transcript"
    return f"`{spec.name}`: reads {reads}."
