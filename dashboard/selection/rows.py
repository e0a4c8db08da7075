"""Which rows are compared, in a popover."""

from collections.abc import Iterable
from typing import get_args

import streamlit as st

from dashboard.selection.bound import bound_number, chosen
from pipeline.alignments.spelling import comparable
from pipeline.similarity.row_selection import RowSelection
from pipeline.similarity.row_settings import Control, RowSettings
from pipeline.view_parameters import ALL, VALUES

_VALUES_HELP = """
- **Tokens**: the vector of every spoken word. Words that come often make unrelated models alike.
- **Type means**: one row a word, the mean of its tokens.
- **Within type**: how tokens of one word differ from each other.
- **Within speaker**: how words differ for one speaker.
"""


def choose_rows(sexes: Iterable[str], speakers: Iterable[str]) -> RowSettings:
    """Show the row settings in a popover whose label says what a row is.

    Parameters
    ----------
    sexes, speakers : iterable of str
        Those of the corpus.
    """
    with st.popover(_heading(), icon=":material/table_rows:", width="stretch"):
        values = st.selectbox(
            "A row is", list(VALUES), key="values", bind="query-params", help=_VALUES_HELP
        )
        without = st.multiselect(
            "Regressed out first",
            list(get_args(Control)),
            key="without",
            bind="query-params",
            help="What a linear regression on these explains is removed from every vector.",
        )
        left, right = st.columns(2)
        with left:
            cap = _count("At most of a type", "cap", help_="Drawn at random.")
            fewest = _count("Types of at least", "fewest")
            shortest_s = _seconds("At least (s)", "shortest")
            sex = st.selectbox("Sex", [ALL, *sexes], key="sex", bind="query-params")
            sample = _count("Sample of", "sample", help_="So many tokens, drawn at random.")
        with right:
            first = st.toggle(
                "First in utterance",
                key="first",
                bind="query-params",
                help="A word once in an utterance, as in the original study.",
            )
            most = _count("Types of at most", "most")
            longest_s = _seconds("At most (s)", "longest")
            speaker = st.selectbox("Speaker", [ALL, *speakers], key="speaker", bind="query-params")
            seed = _count("Seed", "seed", lowest=0)
        only = st.text_input(
            "Only these words",
            key="only",
            bind="query-params",
            placeholder="all; or words with spaces between",
        )
    conditions = {"sex": sex, "speaker": speaker}
    return RowSettings(
        where=tuple((name, value) for name, value in conditions.items() if value != ALL),
        selection=RowSelection(
            first_occurrence=first,
            most_per_type=cap,
            fewest_of_type=fewest or 1,
            most_of_type=most,
            shortest_s=shortest_s or 0.0,
            longest_s=longest_s,
            vocabulary=tuple(sorted({comparable(word) for word in only.split()})) or None,
            most_rows=sample,
            seed=seed or 0,
        ),
        controls=tuple(without),
        values=VALUES[values],
    )


def _heading() -> str:
    """Say what a row is, and whether tokens are selected, before the widgets are drawn."""
    selects = ("cap", "fewest", "most", "shortest", "longest", "sample", "only", "first", "without")
    set_ = [name for name in selects if _is_set(name)]
    set_ += [name for name in ("sex", "speaker") if _is_set(name, ALL)]
    return f"{chosen('values', VALUES)}{' · filtered' if set_ else ''}"


def _is_set(key: str, unset: str = "") -> bool:
    value = st.session_state.get(key, st.query_params.get(key))
    return value not in (None, unset, "", "false", False, [], "[]")


def _count(label: str, key: str, *, lowest: int = 1, help_: str | None = None) -> int | None:
    return st.number_input(
        label,
        min_value=lowest,
        step=1,
        value=None,
        placeholder="any",
        key=key,
        bind=bound_number(key),
        help=help_,
    )


def _seconds(label: str, key: str) -> float | None:
    return st.number_input(
        label,
        min_value=0.0,
        step=0.05,
        value=None,
        placeholder="any",
        key=key,
        bind=bound_number(key),
    )
