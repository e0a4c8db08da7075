"""How to read the selected cell: what words give by chance, how sure it is, its ceiling."""

import math

import streamlit as st

from dashboard import selection
from dashboard.parts import analysis_status
from pipeline.analyses import AnalysisRequest
from pipeline.similarity.calibration import Calibration

_BY_WORDS = (
    "Mean and standard deviation when the word types of one model exchange their vectors: what "
    "words that come again and again give, whatever the models know of them."
)
_OVER_WORDS = "How far the value is above that, and how often chance reaches it."
_INTERVAL = "How far the value would move with other word types and other speakers."
_CEILING = (
    "Debiased, over word types: how high their means could reach with so few and such noisy "
    "tokens; in brackets their value divided by it."
)
_HELP = (
    "Some seconds: 200 permutations of word types, 1,000 draws of types and speakers, 20 splits."
)


def show(request: AnalysisRequest) -> None:
    """Show a cell's calibration, or a button that asks for it."""
    if request.comparison.rows.values != "within type":
        selection.choose_exchange()
    found = analysis_status.found(request, "Calibrate this cell", key="calibrate", help_=_HELP)
    if found is None:
        return
    columns = st.columns(2)
    for position, (label, value, meaning) in enumerate(readings(found)):
        columns[position % 2].metric(label, value, help=meaning)
    st.caption(_counts(found))


def readings(found: Calibration) -> list[tuple[str, str, str]]:
    """Return the label, the value and the meaning of each part that there is."""
    null, interval, halves = found.type_null, found.interval, found.split_half
    parts = []
    if null is not None:
        level = f"{_number(null.mean)} ± {_number(null.sd)}"
        above = f"{_number(null.z, 1)} (p {_number(null.p)})"
        parts += [("By words alone", level, _BY_WORDS), ("z over words", above, _OVER_WORDS)]
    if interval is not None:
        between = f"{_number(interval.low)} to {_number(interval.high)}"
        parts.append((f"{interval.level:.0%} interval", between, _INTERVAL))
    if halves is not None:
        ceiling = f"{_number(halves.ceiling, 2)} ({_number(halves.corrected, 2)})"
        parts.append(("Ceiling (corrected)", ceiling, _CEILING))
    return parts


def _counts(found: Calibration) -> str:
    null, interval, halves = found.type_null, found.interval, found.split_half
    said = [f"{part.rows:,} rows" for part in (null or interval,) if part is not None]
    if null is not None:
        within = " of one frequency" if null.within == "frequency" else ""
        said.append(f"{null.permutations:,} permutations of word types{within}")
    if interval is not None:
        said.append(f"{interval.draws:,} draws of types and speakers")
    if halves is not None:
        said.append(f"{halves.splits} splits of {halves.halves}")
    said += [f"seed {part.seed}" for part in (interval or null,) if part is not None]
    return f"{', '.join(said)}."


def _number(value: float, digits: int = 3) -> str:
    if not math.isfinite(value):
        return "none"
    return f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")
