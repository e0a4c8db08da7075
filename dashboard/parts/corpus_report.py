"""What one corpus holds and how sound it is: the report of ``corpora check``."""

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard.parts import messages
from pipeline.corpus.checks import CorpusReport, durations_of

MOST_ROWS, MOST_IN_SIGHT, HEIGHT_PX = 200, 6, 260
_TYPES_HELP = (
    "Different words; they repeat as much as {:,.0f} equally frequent ones (inverse Simpson index)."
)
_STATES = {
    "sound": "green-badge[:material/check: Sound]",
    "usable, with gaps": "orange-badge[:material/rule: Usable, with gaps]",
    "not usable": "red-badge[:material/block: Not usable]",
}


def show_verdict(report: CorpusReport) -> None:
    """Show how sound the corpus is, as a badge."""
    st.markdown(f":{_STATES[report.verdict]}")


def show(report: CorpusReport) -> None:
    """Show a report in numbers, with its warnings."""
    grid = st.grid(6, min_column_width=130)
    missing = report.tokens - report.tokens_with_times
    for label, value, meaning in (
        ("Utterances", f"{report.utterances:,}", None),
        ("Words", f"{report.tokens:,}", None),
        ("Word types", f"{report.types:,}", _TYPES_HELP.format(report.effective_types)),
        ("Hours", f"{report.hours:,.2f}", None),
        ("Words without a time", f"{missing:,}", f"{report.coverage:.1%} have one."),
        ("Not aligned", f"{report.unaligned:,}", "Utterances that only lack an alignment."),
    ):
        grid.cell().metric(label, value, help=meaning)
    messages.notes(report.warnings)
    if report.utterances:
        _show_tables(report)
    rates = ", ".join(f"{hz:,} Hz ({n:,})" for hz, n in report.sample_rates_hz.items())
    st.text(f"Aligner: {report.aligner or 'not known'} · sample rates: {rates or 'not known'}")


def _show_tables(report: CorpusReport) -> None:
    speakers, durations = st.columns(2)
    minutes = list(report.speaker_minutes.items())
    most = max((value for _, value in minutes), default=0.0)
    with speakers:
        st.markdown(f"**Speakers** :gray[({len(minutes):,}, minutes of each)]")
        st.dataframe(
            [{"Speaker": name, "Minutes": value} for name, value in minutes[:MOST_ROWS]],
            hide_index=True,
            height=HEIGHT_PX if len(minutes) > MOST_IN_SIGHT else "auto",
            column_config={"Minutes": _bar("%.2f", most)},
            alt="Minutes of each speaker, the most first",
        )
    counts = durations_of(report)
    with durations:
        median = (
            f", median {1000 * report.median_word_s:.0f} ms" if report.tokens_with_times else ""
        )
        st.markdown(f"**Durations of words** :gray[({report.tokens_with_times:,}{median})]")
        st.dataframe(
            [{"Seconds": label, "Words": count} for label, count in counts.items()],
            hide_index=True,
            height=HEIGHT_PX,
            column_config={"Words": _bar("localized", max(counts.values()))},
            alt="Histogram of the durations of words",
        )


def _bar(form: str, most: float) -> ColumnConfig:
    return st.column_config.ProgressColumn(format=form, min_value=0, max_value=most or 1)
