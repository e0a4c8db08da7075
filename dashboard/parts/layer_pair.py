"""The selected pair of layers: its value beside chance, and both layers' profiles."""

import streamlit as st

from dashboard.charts import layer_profile
from dashboard.components.plotly_chart import clickable_chart
from pipeline.analyses.cell_intervals import CellIntervals
from pipeline.similarity.measure import label_of, title_of
from pipeline.similarity.result import SimilarityResult
from pipeline.similarity.result_text import measured_text

PROFILE_HEIGHT_PX = 260


def show(
    result: SimilarityResult, layer_a: int, layer_b: int, intervals: CellIntervals | None = None
) -> None:
    """Show the value, the chance level and the profile of a selected pair."""
    show_values(result, layer_a, layer_b)
    clickable_chart(
        layer_profile(result, selected=(layer_a, layer_b), intervals=intervals),
        key="profile",
        alt=f"{label_of(result)} of each layer against layer {layer_b} of {result.model_b}, and of "
        f"each layer against layer {layer_a} of {result.model_a}",
        height_px=PROFILE_HEIGHT_PX,
    )


def show_values(result: SimilarityResult, layer_a: int, layer_b: int) -> None:
    """Show the value and the chance level of a pair."""
    score = result.scores[layer_a, layer_b]
    chance, spread = result.chance[layer_a, layer_b], result.chance_sd[layer_a, layer_b]
    exists = score == score  # noqa: PLR0124 - NaN is the one value that differs from itself
    value, level, excess = st.columns([1, 1.5, 1])
    value.metric(label_of(result), f"{score:.3f}" if exists else "none", help=_meaning(result))
    level.metric(
        "By chance",
        f"{chance:.3f} ± {spread:.3f}",
        help="Mean and standard deviation over all permutations of one model's rows. Repeated "
        "words and shared speakers lift a value above this level too.",
    )
    excess.metric("z", f"{(score - chance) / spread:.1f}" if exists and spread > 0 else "–")
    if not exists:
        st.caption("One of these layers gives every word the same vector, or nearly so.")


def _meaning(result: SimilarityResult) -> str:
    title = title_of(result)
    return f"{title[0].upper()}{title[1:]} over {measured_text(result)}."
