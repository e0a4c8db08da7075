"""What a page says when there is nothing to draw: why, and what to do."""

from collections.abc import Iterable
from pathlib import Path

import streamlit as st

from dashboard import access
from pipeline.corpus.utterance import Problem


def empty(title: str, text: str, icon: str) -> None:
    """Show a calm card in the place of what is missing."""
    with st.container(border=True, horizontal_alignment="center", key="empty"):
        st.space("medium")
        st.markdown(f"## {icon} {title}", width="content")
        st.caption(text, width="content")
        st.space("medium")


def error(problem: Exception) -> None:
    """Show an error of ours; its text says what to do. Plain text: it may quote a file."""
    with st.container(border=True, key="error"):
        st.markdown("## :material/error: This cannot be shown")
        st.text(str(problem))


def refusal(problem: Exception) -> None:
    """Say why what was asked for was not done. Plain text: it may quote a file."""
    _marked(":orange[:material/warning:]", str(problem))


def success(text: str) -> None:
    """Say what was done. Plain text: it may hold a name."""
    _marked(":green[:material/check:]", text)


def _marked(icon: str, text: str) -> None:
    with st.container(horizontal=True, wrap=False, vertical_alignment="top"):
        st.markdown(icon, width="content")
        st.text(text, width="stretch")


def notes(warnings: Iterable[str]) -> None:
    """Show warnings, one line each. Plain text: they may quote a name or a file."""
    for warning in warnings:
        _marked(":orange[:material/warning:]", warning)


def reasons(label: str, rows: Iterable[tuple[str, Path | str, str]]) -> None:
    """Show a popover that lists what was left out: utterance, file and reason."""
    told = access.why_not("see what the server says of its files") is None
    with st.popover(label, icon=":material/rule:", type="tertiary"):
        st.dataframe(
            [
                {
                    "utterance": name,
                    "file": str(file) if told else Path(file).name,
                    "reason": reason if told else None,
                }
                for name, file, reason in rows
            ],
            hide_index=True,
            width=720,
            alt=f"{label}: utterance, file and reason",
        )


def corpus_problems(problems: Iterable[Problem]) -> None:
    """List a corpus' problems."""
    listed = list(problems)
    if listed:
        reasons(
            f"{len(listed):,} notes on the corpus",
            ((each.utterance or "", each.file, each.reason) for each in listed),
        )
