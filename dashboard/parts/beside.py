"""Comparisons side by side: which, what each is, and how they are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import loading, selection
from dashboard.charts import Panel, best_lines, difference_heatmap, score_panel, shared_domain
from dashboard.components.plotly_chart import clickable_chart
from dashboard.parts import messages, sharing
from dashboard.parts.best_layers import best_text
from dashboard.plain_text import as_plain
from pipeline.analyses import AnalysisRequest
from pipeline.analyses.cell_intervals import CellIntervals, likely_best
from pipeline.errors import LayerScopeError, SettingsError
from pipeline.request import ComparisonRequest
from pipeline.request_text import request_of_text, request_text
from pipeline.similarity.agreement import agreement
from pipeline.similarity.matrix_file import read_scores
from pipeline.similarity.measure import MEASURES, title_of
from pipeline.similarity.result import Estimator
from pipeline.similarity.score_matrix import ScoreMatrix

HEIGHT_PX = 360
_FILE_HELP = (
    "JSON: an export of this page's neighbours, or a `cka_A_B.json` of the original study. It is "
    "seen by you alone and is not part of the link."
)


@dataclass(frozen=True, eq=False)
class Known:
    """A comparison of the address that is there."""

    text: str
    request: ComparisonRequest
    panel: Panel


def choose() -> None:
    """Show what can be added: a comparison that is computed, or a file of scores."""
    full = len(selection.chosen_pairs()) >= selection.MOST_BESIDE
    listed, _ = loading.listed_comparisons()
    names = {request_text(each.request): described(each.request) for each in listed}
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        st.selectbox(
            "Add a comparison",
            [text for text in names if text not in selection.chosen_pairs()],
            index=None,
            format_func=lambda text: names.get(text, text),
            placeholder="four at most" if full else "any that is computed",
            disabled=full,
            key="add",
            on_change=_add,
        )
    with right, st.popover("Open a file", icon=":material/upload_file:", width="stretch"):
        st.file_uploader("Scores of a study", type="json", key="opened", help=_FILE_HELP)


def described(request: ComparisonRequest) -> str:
    """Say what is compared with what, and how."""
    return f"{request.model_a} × {request.model_b} · {_settings(request)}"


def _settings(request: ComparisonRequest) -> str:
    measure = MEASURES[request.measure].title
    return f"{measure} · {request.corpus} · {request.settings} · {request.rows}"


def _how(panel: Panel, known: Known | None) -> str:
    return f"From the file {panel.scores.source}" if known is None else _settings(known.request)


def _add() -> None:
    text = st.session_state["add"]
    if text is not None:
        selection.add_pair(text)
        st.session_state["add"] = None


def found(estimator: Estimator) -> tuple[list[Known], list[Panel]]:
    """Return the comparisons of the address, and the panel of an opened file.

    What is not there, or cannot be read, is said in its place.
    """
    known = []
    for number, text in enumerate(selection.chosen_pairs(), start=1):
        try:
            each = _known(text, f"{number}", estimator)
        except LayerScopeError as problem:
            with st.container(horizontal=True):
                messages.refusal(problem)
                _remove(text)
        else:
            if each is not None:
                known.append(each)
    return known, _opened(len(known) + 1)


def _known(text: str, name: str, estimator: Estimator) -> Known | None:
    request = request_of_text(text)
    if not loading.is_offered(request.corpus, request.model_a, request.model_b):
        raise SettingsError(
            f"{request.corpus}, {request.model_a} or {request.model_b} is not in this server's "
            "library; add it there, or remove the comparison"
        )
    result = loading.result(request, estimator)
    if result is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(f"Not computed yet: {described(request)}", width="stretch")
            sharing.page_link(
                "compare",
                "Compute it",
                ":material/grid_on:",
                selection.comparison_parameters(request),
            )
            _remove(text)
        return None
    intervals: CellIntervals | None = None
    if request.measure == "cka":
        wanted = AnalysisRequest(request, "intervals", estimator=estimator)
        intervals = loading.analysis(wanted).found
    scores = ScoreMatrix.of(result, f"{name}: {title_of(result)}, {request.rows}")
    return Known(text, request, Panel(name, scores, intervals))


def _remove(text: str) -> None:
    st.button(
        "",
        icon=":material/close:",
        type="tertiary",
        help="Remove it from here; it stays in the store.",
        on_click=selection.remove_pair,
        args=(text,),
        key=f"remove-{text}",
    )


def _opened(number: int) -> list[Panel]:
    file = st.session_state.get("opened")
    if file is None:
        return []
    try:
        return [Panel(f"{number}", read_scores(file.getvalue(), file.name))]
    except LayerScopeError as problem:
        messages.refusal(problem)
        return []


def show_heatmaps(known: Sequence[Known], files: Sequence[Panel], *, stretch: bool) -> None:
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


def _show_head(panel: Panel, known: Known | None) -> None:
    matrix = panel.scores
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"{panel.name} · {matrix.model_a} × {matrix.model_b}", width="stretch")
        if known is not None:
            sharing.page_link(
                "compare",
                "Open",
                ":material/grid_on:",
                selection.comparison_parameters(known.request),
            )
            _remove(known.text)


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
    st.caption(f"{both.compared:,} cells compared{left_out}. Layers are matched by their place.")
