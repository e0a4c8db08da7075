"""Comparisons side by side as they are drawn: heatmaps, lines, or what differs between two."""

from collections.abc import Sequence

import streamlit as st

from dashboard.charts import Panel, best_lines, difference_heatmap, score_panel, shared_domain
from dashboard.components.plotly_chart import clickable_chart
from dashboard.parts import beside
from dashboard.parts.best_layers import best_text
from dashboard.plain_text import as_plain
from pipeline.analyses.cell_intervals import likely_best
from pipeline.similarity.agreement import agreement

HEIGHT_PX = 360


def show_heatmaps(known: Sequence[beside.Known], files: Sequence[Panel], *, stretch: bool) -> None:
    """Show every matrix as a heatmap, all on one scale."""
    panels = [*(each.panel for each in known), *files]
    domain = shared_domain(panels, stretch=stretch)
    grid = st.grid(2, min_column_width=360)
    for position, panel in enumerate(panels):
        with grid.cell().container(border=True):
            _show_head(panel, known[position] if position < len(known) else None)
            clickable_chart(
                score_panel(panel, domain),
                key=f"panel-{position}",
                alt=f"Heatmap of {panel.scores.source}: layers of {panel.scores.model_a} by layers "
                f"of {panel.scores.model_b}",
                height_px=HEIGHT_PX,
            )
            st.text(_best(panel))
            st.caption(as_plain(_how(panel, known[position] if position < len(known) else None)))


def _show_head(panel: Panel, known: beside.Known | None) -> None:
    matrix = panel.scores
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"{panel.name} · {matrix.model_a} × {matrix.model_b}", width="stretch")
        if known is not None:
            beside.open_on_compare(known.request, "Open")
            beside.remove(known.text)


def _how(panel: Panel, known: beside.Known | None) -> str:
    if known is None:
        return f"From the file {panel.scores.source}"
    return beside.settings_text(known.request)


def _best(panel: Panel) -> str:
    matrix = panel.scores
    cell = matrix.maximum_at
    if cell is None:
        return "No value"
    value = f"Best {matrix.scores[cell]:.3f} at layer {cell[0]} × layer {cell[1]}"
    if panel.intervals is None:
        return value
    shares = panel.intervals.best_of_a[:, cell[1]]
    return f"{value}; best layer of A there: {best_text(likely_best(shares, 0.95))}"


def show_lines(panels: Sequence[Panel]) -> None:
    """Show the best score of each layer of A as a line a matrix."""
    clickable_chart(
        best_lines(panels),
        key="lines",
        alt="The best score of each layer of model A, a line a comparison",
        height_px=HEIGHT_PX + 60,
    )
    for panel in panels:
        st.text(f"{panel.name} · {panel.scores.model_a} × {panel.scores.model_b}: {_best(panel)}")
    st.caption(
        "Whiskers are bootstrap intervals, where the page Compare has been asked how sure the best "
        "layer is. The best of many layers is high by chance, too: more layers, higher."
    )


def show_difference(panels: Sequence[Panel]) -> None:
    """Show the first matrix minus the second, and how well they agree."""
    if len(panels) < 2:  # noqa: PLR2004 - a difference is of two
        st.caption("A difference is of two comparisons; add another.")
        return
    both = agreement(panels[0].scores, panels[1].scores)
    for which, panel in zip(("First", "Second"), panels, strict=False):
        matrix = panel.scores
        st.text(f"{which}: {matrix.model_a} × {matrix.model_b}, {matrix.source}")
    rank, apart, largest, mean = st.columns(4)
    rank.metric("Rank correlation", f"{both.spearman:.3f}", help="Spearman's, over all cells.")
    layers = both.layers_apart
    apart.metric(
        "Best cells apart",
        "none" if layers is None else f"{layers[0]} × {layers[1]} layers",
        help="How many layers of A, and of B, lie between the best cells of the two.",
    )
    largest.metric("Largest difference", f"{both.largest:.3f}")
    mean.metric("Mean difference", f"{both.mean_absolute:.3f}", help="Of the absolute differences.")
    clickable_chart(
        difference_heatmap(both),
        key="difference",
        alt="Heatmap of the first comparison minus the second",
        height_px=HEIGHT_PX + 110,
    )
    left_out = f"; {both.left_out:,} lack a value in one" if both.left_out else ""
    rows = f", {both.other_rows}" if both.other_rows else ""
    st.caption(
        f"{both.compared:,} cells compared{rows}{left_out}. Layers are matched by their place."
    )
