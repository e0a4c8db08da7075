"""Take away what is shown: as a figure, as numbers, as a report, or as what gives it again."""

import gc
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib import import_module
from typing import Any, Final

import streamlit as st

from dashboard import loading
from pipeline.analyses import AnalysisRequest
from pipeline.exports import ColumnWidth, FigureFormat, ShownComparison
from pipeline.exports.arrays import as_npz
from pipeline.exports.reproducing import (
    analysis_code,
    analysis_command,
    python_code,
    shell_commands,
)
from pipeline.similarity.export import as_csv, as_json

WIDTHS: Final[Mapping[str, ColumnWidth]] = {"Single column": "single", "Double": "double"}
_FIGURES: Final[Mapping[FigureFormat, str]] = {
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
    "png": "image/png",
}
_WIDTH_HELP = (
    "3.25 or 6.75 inches. Cells are vectors, fonts are embedded, and the file says what it shows."
)


def show(shown: ShownComparison) -> None:
    """Show the popover; a file is made when it is asked for."""
    with st.popover("Export", icon=":material/download:"):
        files, python, shell = st.tabs(["Files", "Python", "Shell"])
        with files:
            _show_files(shown)
        with python:
            st.code(python_code(shown), language="python", wrap_lines=True)
        with shell:
            st.code(shell_commands(shown), language="bash", wrap_lines=True)


def show_analysis(request: AnalysisRequest, found: Any) -> None:  # noqa: ANN401 - each has a result of its own
    """Show the popover of what is told of two layers."""
    with (
        st.container(horizontal=True, horizontal_alignment="right"),
        st.popover("Export", icon=":material/download:", type="tertiary"),
    ):
        files, python, shell = st.tabs(["Files", "Python", "Shell"])
        with files:
            st.download_button(
                "JSON, with provenance",
                partial(loading.analysis_json, request, found),
                f"{request.name}.json",
                "application/json",
                on_click="ignore",
                key="export-analysis",
                width="stretch",
            )
        with python:
            st.code(analysis_code(request), language="python", wrap_lines=True)
        with shell:
            command = analysis_command(request)
            if command is None:
                st.caption("No command takes these rows; Python does.")
            else:
                st.code(command, language="bash", wrap_lines=True)


def _show_files(shown: ShownComparison) -> None:
    width = st.segmented_control(
        "Figure for a paper",
        list(WIDTHS),
        default=next(iter(WIDTHS)),
        required=True,
        key="figure-width",
        help=_WIDTH_HELP,
    )
    with st.container(horizontal=True):
        for ending, mime in _FIGURES.items():
            make = partial(_figure, shown, ending, WIDTHS[width])
            _offer(shown, ending, make, mime)
    st.caption("Numbers with their provenance")
    with st.container(horizontal=True):
        told = (shown.result, shown.tables, shown.notes)
        _offer(shown, "csv", partial(as_csv, *told), "text/csv")
        _offer(shown, "json", partial(as_json, *told), "application/json")
        _offer(shown, "npz", partial(as_npz, shown), "application/octet-stream")
    st.caption("All of it on one page, for readers")
    _offer(shown, "html", partial(_report, shown), "text/html")


def _offer(shown: ShownComparison, ending: str, make: Callable[[], str | bytes], mime: str) -> None:
    st.download_button(
        ending.upper(),
        make,
        f"{shown.file_stem}.{ending}",
        mime,
        on_click="ignore",
        key=f"export-{ending}",
        width="stretch",
    )


def _figure(shown: ShownComparison, ending: FigureFormat, width: ColumnWidth) -> bytes:
    load_drawing()
    from pipeline.exports.figure_file import figure_file  # noqa: PLC0415 - loads Matplotlib

    return figure_file(shown, ending, width)


def _report(shown: ShownComparison) -> str:
    load_drawing()
    from pipeline.exports.report import html_report  # noqa: PLC0415 - loads Matplotlib

    return html_report(shown)


@cache
def load_drawing() -> None:
    """Load what draws, once, and keep it out of garbage collection.

    Streamlit collects garbage after every run of a page; Matplotlib would take 0.1 s of each.
    """
    import_module("pipeline.exports.report")
    gc.collect()
    gc.freeze()
