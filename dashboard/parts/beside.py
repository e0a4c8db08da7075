"""Comparisons side by side: which of them, and what of each is there."""

from dataclasses import dataclass

import streamlit as st

from dashboard import loading, selection
from dashboard.charts import Panel
from dashboard.parts import messages, sharing
from pipeline.analyses import AnalysisRequest
from pipeline.analyses.cell_intervals import CellIntervals
from pipeline.analyses.cell_nulls import CellNulls
from pipeline.errors import LayerScopeError, SettingsError
from pipeline.request import ComparisonRequest
from pipeline.request_text import request_of_text, request_text
from pipeline.similarity.matrix_file import read_scores
from pipeline.similarity.measure import MEASURES, title_of
from pipeline.similarity.result import Estimator
from pipeline.similarity.score_matrix import ScoreMatrix

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
    return f"{request.model_a} × {request.model_b} · {settings_text(request)}"


def settings_text(request: ComparisonRequest) -> str:
    """Say by what and over what is compared."""
    measure = MEASURES[request.measure].title
    return f"{measure} · {request.corpus} · {request.settings} · {request.rows}"


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
                remove(text)
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
            open_on_compare(request, "Compute it")
            remove(text)
        return None
    nulls: CellNulls | None = None
    intervals: CellIntervals | None = None
    if request.measure == "cka":
        nulls, intervals = (
            loading.analysis(AnalysisRequest(request, of, estimator=estimator)).found
            for of in ("nulls", "intervals")
        )
    scores = ScoreMatrix.of(result, f"{name}: {title_of(result)}, {request.rows}")
    return Known(text, request, Panel(name, scores, result, nulls, intervals))


def open_on_compare(request: ComparisonRequest, label: str) -> None:
    """Link to a comparison's own page, where its widgets can say all of it."""
    if selection.has_widgets(request):
        parameters = selection.comparison_parameters(request)
        sharing.page_link("compare", label, ":material/grid_on:", parameters)


def remove(text: str) -> None:
    """Show a button that takes a comparison out of the address."""
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
