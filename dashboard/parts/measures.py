"""One comparison by every measure: where they disagree, and what each says of a pair of layers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from dashboard import access, loading
from dashboard.charts import disagreement_heatmap
from dashboard.components.plotly_chart import clickable_chart
from dashboard.parts import asking, messages
from dashboard.parts.similarity import select_clicked_cell
from pipeline.engine import Job
from pipeline.request import ComparisonRequest
from pipeline.similarity.disagreement import Disagreement, disagreement
from pipeline.similarity.measure import MEASURES, title_of
from pipeline.similarity.result import SimilarityResult
from pipeline.similarity.score_matrix import TIE, cell_of_largest

HEIGHT_PX = 470
BUSY_S = 2.0
_HELP = "SVCCA and PWCCA fit each pair of layers five times: minutes for models with many layers."


def show(results: Sequence[SimilarityResult], layers: tuple[int, int]) -> None:
    """Show where the measures that are there disagree, and beside it their table."""
    found = disagreement([result.scores for result in results])
    grid = st.grid(2, min_column_width=420)
    left, right = grid.cell(), grid.cell()
    with left.container(border=True, key="disagreement"):
        st.header("Where they disagree")
        _show_heatmap(results, found, layers)
        st.caption(
            "Each measure ranks all pairs of layers; bright is where the ranks differ most. "
            "Click a cell or use the arrow keys."
        )
    with right.container(border=True, key="measured"):
        st.header(f"Layer {layers[0]} × layer {layers[1]}")
        _show_table(results, found, layers)
        reference = title_of(results[0])
        st.caption(
            "Higher than: the share of all pairs of layers that the measure ranks lower. Order: "
            f"rank correlation with {reference} over all pairs."
        )


def show_missing(request: ComparisonRequest, missing: Mapping[str, Job | None]) -> None:
    """Say which measures are not there, and offer to compute them; fresh while jobs run."""
    busy = _busy(missing)
    every_s = BUSY_S if busy else None
    st.fragment(_show_missing, run_every=every_s)(request, list(missing), busy)


def _show_missing(request: ComparisonRequest, names: Sequence[str], busy: Sequence[str]) -> None:
    """Show measures whose results the page has not found; it looks again when a job ends."""
    missing = loading.jobs_by_measure(request, names)
    if _busy(missing) != busy:
        st.rerun()
    failed = [
        f"{MEASURES[name].title} failed: {job.error}"
        for name, job in missing.items()
        if job is not None and job.state == "failed"
    ]
    messages.notes(failed)
    titles = ", ".join(MEASURES[name].title for name in missing)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":gray[Not computed yet: {titles}]", width="stretch")
        asking.button(
            "Computing" if busy else "Compute them",
            partial(_compute, request, [name for name in missing if name not in busy]),
            refusal=access.why_not("start a job"),
            icon=":material/hourglass_top:" if busy else ":material/insights:",
            disabled=len(busy) == len(missing),
            key="compute-measures",
            help_=_HELP,
        )


def _busy(missing: Mapping[str, Job | None]) -> list[str]:
    return [name for name, job in missing.items() if job is not None and job.is_active]


def _compute(request: ComparisonRequest, measures: Sequence[str]) -> None:
    for name in measures:
        loading.compute(replace(request, measure=name))


def _show_heatmap(
    results: Sequence[SimilarityResult], found: Disagreement, layers: tuple[int, int]
) -> None:
    rows, columns = grid_shape = found.spread.shape
    a, b = results[0].model_a, results[0].model_b
    clickable_chart(
        disagreement_heatmap(results, found, selected=layers),
        key="disagreements",
        alt=f"Heatmap of how far apart {len(results)} measures rank the pairs of {rows} layers of "
        f"{a} and {columns} layers of {b}",
        height_px=HEIGHT_PX,
        selected=layers,
        on_cell=partial(select_clicked_cell, "disagreements", grid_shape),
        grid_shape=grid_shape,
    )


def _show_table(
    results: Sequence[SimilarityResult], found: Disagreement, layers: tuple[int, int]
) -> None:
    st.dataframe(
        [
            {
                "measure": title_of(result),
                "value": _number(result.scores[layers]),
                "rows": result.rows_measured,
                "higher than": _number(ranks[layers]),
                "best": _best(result),
                "order": _number(order),
            }
            for result, ranks, order in zip(results, found.ranks, found.spearman[0], strict=True)
        ],
        hide_index=True,
        column_config={
            "measure": st.column_config.TextColumn("Measure"),
            "value": st.column_config.NumberColumn("Value", format="%.3f", width="small"),
            "rows": st.column_config.NumberColumn(
                "Rows", format="localized", width="small", help="Some measures draw a sample."
            ),
            "higher than": st.column_config.NumberColumn(
                "Higher than", format="percent", width="small"
            ),
            "best": st.column_config.TextColumn("Best pair", width="small"),
            "order": st.column_config.NumberColumn("Order", format="%.2f", width="small"),
        },
        alt="What each measure says of the selected layers, and its best pair of layers",
    )


def _best(result: SimilarityResult) -> str:
    cell = cell_of_largest(result.scores, TIE)
    return "none" if cell is None else f"{cell[0]} × {cell[1]}"


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
