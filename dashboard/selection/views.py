"""What a page shows, as one typed value, and the link to it."""

from dataclasses import dataclass
from urllib.parse import urlencode

import streamlit as st

from dashboard.selection.rows import rows_parameters
from dashboard.selection.settings import SAMPLE_RATES, settings_parameters
from dashboard.selection.values import ShownValues, measure_parameters
from pipeline.request import ComparisonRequest

SCHEMA = 1
_SHOWN_CONDITIONS = ("sex", "speaker")
Parameters = dict[str, str | list[str]]


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
    """All that the page Words shows but what is chosen in its tables."""

    request: ComparisonRequest
    layers: tuple[int, int]
    subject: str

    def parameters(self) -> Parameters:
        """Return every query parameter of the view."""
        chosen = {
            name: st.query_params[name]
            for name in ("find", "among", "token", "method", "row", "found")
            if name in st.query_params
        }
        return {**self.comparison_parameters(), "subject": self.subject, **chosen}

    def comparison_parameters(self) -> Parameters:
        """Return those of the comparison that it is of."""
        return {
            **comparison_parameters(self.request),
            "la": str(self.layers[0]),
            "lb": str(self.layers[1]),
        }


@dataclass(frozen=True)
class AlignmentView:
    """All that the page Alignments shows, through the request's model A."""

    request: ComparisonRequest
    utterance: str
    word: int | None

    def parameters(self) -> Parameters:
        """Return every query parameter of the view."""
        word = {} if self.word is None else {"word": str(self.word)}
        return {
            **_request_parameters(self.request),
            "model": self.request.model_a,
            "utterance": self.utterance,
            **word,
        }


def link(parameters: Parameters, page: str | None = None) -> str:
    """Return the address of a view on this server; `page` where it is not of the page shown now."""
    address = (st.context.url or "").partition("?")[0] if page is None else page
    return f"{address}?{urlencode({'schema': SCHEMA, **parameters}, doseq=True)}"


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


def comparison_parameters(request: ComparisonRequest) -> Parameters:
    """Return the query parameters of what is compared, and how."""
    return {
        **_request_parameters(request),
        "a": request.model_a,
        "b": request.model_b,
        **rows_parameters(request.rows),
        **measure_parameters(request.measure),
    }


def _request_parameters(request: ComparisonRequest) -> Parameters:
    return {"corpus": request.corpus, **settings_parameters(request.settings)}
