"""How to read the selected cell: what words give by chance, how sure it is, its ceiling."""

import math

import streamlit as st

from dashboard.parts import analysis_status
from pipeline.analyses import AnalysisRequest
from pipeline.similarity.calibration import Calibration

_HELP = (
    "Some seconds: 200 permutations of word types, 1,000 draws of types and speakers, 20 splits."
)


def show(request: AnalysisRequest) -> None:
    """Show a cell's calibration, or a button that asks for it."""
    found = analysis_status.found(request, "Calibrate this cell", key="calibrate", help_=_HELP)
    if found is not None:
        st.markdown(table(found))


def table(found: Calibration) -> str:
    """Return the calibration as a table of numbers, in Markdown."""
    lines = ["| | |", "| --- | --- |"]
    null, interval, halves = found.type_null, found.interval, found.split_half
    if null is not None:
        lines.append(f"| Words alone | {_number(null.mean)} ± {_number(null.sd)} |")
        lines.append(f"| above them | z {_number(null.z, 1)}, p {_number(null.p)} |")
    if interval is not None:
        low, high = _number(interval.low), _number(interval.high)
        lines.append(f"| {interval.level:.0%} interval | {low} to {high} |")
    if halves is not None:
        ceiling, corrected = _number(halves.ceiling), _number(halves.corrected)
        lines.append(f"| Ceiling over types | {ceiling} (corrected value {corrected}) |")
    said = [f"{part.rows:,} rows" for part in (null or interval,) if part is not None]
    if null is not None:
        said.append(f"{null.permutations:,} permutations")
    if interval is not None:
        said.append(f"{interval.draws:,} draws of types and speakers")
    return "\n".join([*lines, "", f":gray[{', '.join(said)}]"])


def _number(value: float, digits: int = 3) -> str:
    if not math.isfinite(value):
        return "none"
    return f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")
