"""What a page shows, as one typed value, and the link to it.

:mod:`pipeline.view_parameters` says what a link's schema is; an address of an old link is rewritten
before any widget reads it. A test opens a link of each schema and finds every field as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import streamlit as st

from dashboard.selection.bound import widget_parameters
from dashboard.selection.recordings import search_parameters
from dashboard.selection.values import ShownValues
from pipeline.corpus.searching import EVERY_UTTERANCE, UtteranceSearch
from pipeline.request import ComparisonRequest
from pipeline.view_parameters import (
    SAMPLE_RATES,
    SCHEMA,
    comparison_parameters,
    request_parameters,
    todays,
)

_SHOWN_CONDITIONS = ("sex", "speaker")
Parameters = dict[str, str | list[str]]
_OF_WORDS = ("find", "first_shown", "among", "token", "method", "found")
_READ = "schema-read"


@dataclass(frozen=True)
class CompareView:
    """All that the page Compare shows."""

    request: ComparisonRequest
    values: ShownValues
    layer_a: int
    layer_b: int

    def parameters(self) -> Parameters:
        """Return every query parameter of the view."""
        return {
            **comparison_parameters(self.request),
            **self.values.parameters(),
            "la": str(self.layer_a),
            "lb": str(self.layer_b),
        }


@dataclass(frozen=True)
class WordsView:
    """All that the page Words shows but what is chosen in its tables.

    `chosen` is what the widgets of the subject say, as :func:`words_parameters` reads them.
    """

    request: ComparisonRequest
    layers: tuple[int, int]
    subject: str
    chosen: Parameters

    def parameters(self) -> Parameters:
        """Return every query parameter of the view."""
        return {**self.comparison_parameters(), "subject": self.subject, **self.chosen}

    def comparison_parameters(self) -> Parameters:
        """Return those of the comparison that it is of."""
        return {
            **comparison_parameters(self.request),
            "la": str(self.layers[0]),
            "lb": str(self.layers[1]),
        }


def words_parameters() -> Parameters:
    """Return the query parameters of what a subject of Words shows, as its widgets stand."""
    row = {"row": st.query_params["row"]} if "row" in st.query_params else {}
    return {**widget_parameters(_OF_WORDS), **row}


@dataclass(frozen=True)
class AlignmentView:
    """All that the page Alignments shows, through the request's model A, and B if it is another."""

    request: ComparisonRequest
    utterance: str
    word: int | None
    search: UtteranceSearch = EVERY_UTTERANCE

    @classmethod
    def of_token(
        cls, request: ComparisonRequest, hearing: Sequence[str], utterance: str, index: int
    ) -> "AlignmentView":
        """Return where a token of a comparison was spoken, seen through those models that hear.

        Parameters
        ----------
        request : ComparisonRequest
        hearing : sequence of str
            The models of the comparison that hear, at least one.
        utterance : str
        index : int
            Of the token in its utterance: among its words, or its phones.
        """
        seen = replace(request, model_a=hearing[0], model_b=hearing[-1])
        return cls(seen, utterance, index if request.settings.unit == "word" else None)

    def parameters(self) -> Parameters:
        """Return every query parameter of the view."""
        request = self.request
        second = {} if request.model_b == request.model_a else {"model2": request.model_b}
        word = {} if self.word is None else {"word": str(self.word)}
        return {
            **request_parameters(request),
            "model": request.model_a,
            **second,
            "utterance": self.utterance,
            **word,
            **search_parameters(self.search),
        }


def link(parameters: Parameters, page: str | None = None) -> str:
    """Return the address of a view on this server; `page` where it is not of the page shown now."""
    address = (st.context.url or "").partition("?")[0] if page is None else page
    return f"{address}?{urlencode(with_schema(parameters), doseq=True)}"


def with_schema(parameters: Parameters) -> Parameters:
    """Return parameters with the number of their schema, today's where they tell none."""
    return {"schema": str(SCHEMA), **parameters}


def read_schema() -> None:
    """Rewrite the address of an old link; before any widget reads it, so once a visit."""
    if _READ in st.session_state:
        return
    st.session_state[_READ] = True
    asked: Parameters = {name: st.query_params.get_all(name) for name in st.query_params}
    asked = {name: each[0] if len(each) == 1 else each for name, each in asked.items()}
    if (now := todays(asked)) != asked:
        st.query_params.from_dict(now)
        st.rerun()  # widgets read the address that a run began with


def has_widgets(request: ComparisonRequest) -> bool:
    """Return whether a page's widgets say all of a request: the command line can ask for more."""
    settings, where = request.settings, [name for name, _ in request.rows.where]
    return (
        request.alignments is None
        and settings.storage == "float32"
        and settings.sample_rate_hz in SAMPLE_RATES.values()
        and not request.rows.alphabetical
        and all(name in _SHOWN_CONDITIONS for name in where)
        and len(where) == len(set(where))
    )
