"""How CKA changes with the number of rows, and with how often a word may come."""

import streamlit as st

from dashboard.charts import row_curve
from dashboard.components.plotly_chart import clickable_chart
from dashboard.parts import cell_analysis
from pipeline.analyses.curve import CellCurve
from pipeline.request import ComparisonRequest

HEIGHT_PX = 340


def show(request: ComparisonRequest, layers: tuple[int, int]) -> None:
    """Show both curves side by side."""
    found: CellCurve | None = cell_analysis.found(
        request, "curve", layers, "Draw it over samples of the rows"
    )
    if found is None:
        return
    grid = st.grid(2, min_column_width=320)
    for capped, key, alt in (
        (False, "rows", "CKA against the number of rows"),
        (True, "caps", "CKA against the most tokens of a word type"),
    ):
        with grid.cell():
            clickable_chart(
                row_curve(found, capped=capped), key=f"curve-{key}", alt=alt, height_px=HEIGHT_PX
            )
    measure = cell_analysis.measure_text(request)
    settings = cell_analysis.settings_text(request, "curve", layers)
    st.caption(
        f"{measure[0].upper()}{measure[1:]} over samples of {found.drawn_from_text}; {settings}. "
        "Biased CKA falls as rows become many; debiased does not depend on their number. Both fall "
        "with the cap as far as words that come again and again are what the models share."
    )
