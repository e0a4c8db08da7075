"""What the page Library shows: which corpus and its problems, which models and which of them."""

from collections.abc import Iterable, Sequence

import streamlit as st

from dashboard.selection.bound import widget_parameters
from dashboard.selection.views import Parameters
from pipeline.models.listing import ModelSearch
from pipeline.models.spec import ModelSpec

ANY = "Any"
TABS = {"Corpora": ("corpus", "problem"), "Models": ("find", "family", "reads", "here", "model")}


def search_problems() -> str:
    """Show a search field for a corpus' problems."""
    return st.text_input(
        "Search the problems",
        key="problem",
        bind="query-params",
        placeholder="an utterance, a file, a reason",
    )


def search_models(specs: Iterable[ModelSpec]) -> ModelSearch:
    """Show by what models are searched."""
    listed = list(specs)
    grid = st.grid(4, min_column_width=150, vertical_alignment="bottom")
    text, family, reads, here = (grid.cell() for _ in range(4))
    return ModelSearch(
        text.text_input(
            "Search", key="find", bind="query-params", placeholder="a name, a licence, a word"
        ),
        _any_of("Family", family, (spec.family for spec in listed), key="family"),
        _any_of("Reads", reads, (spec.modality for spec in listed), key="reads"),
        here.toggle("On disk only", key="here", bind="query-params"),
    )


def _any_of(
    label: str, cell: st.delta_generator.DeltaGenerator, names: Iterable[str], *, key: str
) -> str | None:
    options = [ANY, *sorted(set(names))]
    name = cell.selectbox(label, options, key=key, bind="query-params")
    return None if name == ANY else name


def choose_listed(names: Sequence[str]) -> str:
    """Show a selector of the models that were found; the one of the address stays among them."""
    return st.selectbox(f"Model ({len(names):,})", names, key="model", bind="query-params")


def library_parameters(tab: str) -> Parameters:
    """Return every query parameter of a tab, as its widgets stand."""
    return {"tab": tab, **widget_parameters(TABS[tab])}
