"""What a page shows, as one typed value, and the link to it."""

from dataclasses import dataclass
from urllib.parse import urlencode

import streamlit as st

from dashboard.selection.rows import rows_parameters
from dashboard.selection.settings import settings_parameters
from dashboard.selection.values import ShownValues, measure_parameters
from pipeline.request import ComparisonRequest

SCHEMA = 1
Parameters = dict[str, str | int | list[str]]


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
            **_request_parameters(self.request),
            "a": self.request.model_a,
            "b": self.request.model_b,
            **rows_parameters(self.request.rows),
            **measure_parameters(self.request.measure),
            **self.values.parameters(),
            "la": self.layer_a,
            "lb": self.layer_b,
        }


@dataclass(frozen=True)
class AlignmentView:
    """All that the page Alignments shows, through the request's model A."""

    request: ComparisonRequest
    utterance: str
    word: int | None

    def parameters(self) -> Parameters:
        """Return every query parameter of the view."""
        word = {} if self.word is None else {"word": self.word}
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


def _request_parameters(request: ComparisonRequest) -> Parameters:
    return {"corpus": request.corpus, **settings_parameters(request.settings)}
