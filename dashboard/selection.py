"""What a view is: one typed value, its widgets, and its link.

Every widget is bound to a query parameter, so that the address bar always describes the view.
Streamlit leaves parameters at their default out of the address; `link` writes them all, so that
a shared link keeps its meaning when a default changes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import get_args
from urllib.parse import urlencode

import streamlit as st

from pipeline.models.spec import ModelSpec
from pipeline.request import ComparisonRequest
from pipeline.settings import (
    STRIDES_MS,
    AlignmentSettings,
    FrameRule,
    Pooling,
    Unit,
)
from pipeline.similarity.result import Estimator

SCHEMA = 1
SAMPLE_RATES = {"Automatic": None} | {
    f"{rate_hz / 1000:g} kHz": rate_hz for rate_hz in (8_000, 16_000, 22_050, 24_000, 44_100)
}
UNITS: dict[str, Unit] = {name.capitalize(): name for name in get_args(Unit)}
POOLINGS: dict[str, Pooling] = {name.capitalize(): name for name in get_args(Pooling)}
FRAME_RULES: dict[str, FrameRule] = {
    "Centres inside": "centre",
    "Overlap": "overlap",
    "Thesis": "thesis",
    "Pasad": "pasad",
}
_RULES_HELP = """
- **Centres inside**: the frames whose centre lies in the word, so that neighbours share none.
- **Overlap**: all that touch the word, in the mean weighted by how much; for strides over 40 ms.
- **Thesis**: the original study's; neighbours share the frame at their boundary.
- **Pasad**: that of Pasad et al.; neighbours share a frame unless their boundary is the frame's.
"""


@dataclass(frozen=True)
class CompareView:
    """All that the page Compare shows."""

    request: ComparisonRequest
    estimator: Estimator
    layer_a: int
    layer_b: int
    stretch: bool

    def parameters(self) -> dict[str, str | int]:
        """Return every query parameter of the view."""
        return {
            **_request_parameters(self.request),
            "a": self.request.model_a,
            "b": self.request.model_b,
            "estimator": self.estimator.capitalize(),
            "la": self.layer_a,
            "lb": self.layer_b,
            "stretch": str(self.stretch).lower(),
        }


@dataclass(frozen=True)
class AlignmentView:
    """All that the page Alignments shows, through the request's model A."""

    request: ComparisonRequest
    utterance: str
    word: int | None

    def parameters(self) -> dict[str, str | int]:
        """Return every query parameter of the view."""
        word = {} if self.word is None else {"word": self.word}
        return {
            **_request_parameters(self.request),
            "model": self.request.model_a,
            "utterance": self.utterance,
            **word,
        }


def link(parameters: dict[str, str | int]) -> str:
    """Return the address of a view on this server."""
    address = (st.context.url or "").partition("?")[0]
    return f"{address}?{urlencode({'schema': SCHEMA, **parameters})}"


def _request_parameters(request: ComparisonRequest) -> dict[str, str | int]:
    settings = request.settings
    rates = {rate_hz: label for label, rate_hz in SAMPLE_RATES.items()}
    rules = {rule: label for label, rule in FRAME_RULES.items()}
    stride = {} if settings.stride_ms is None else {"stride": str(settings.stride_ms)}
    return {
        "corpus": request.corpus,
        "unit": settings.unit.capitalize(),
        "rule": rules[settings.frame_rule],
        "pooling": settings.pooling.capitalize(),
        "rate": rates.get(settings.sample_rate_hz, "Automatic"),
        **stride,
    }


def choose_corpus(names: Sequence[str]) -> str:
    """Show the corpus selector."""
    return st.selectbox("Corpus", names, key="corpus", bind="query-params")


def choose_model(label: str, names: Sequence[str], *, key: str, default: str) -> str:
    """Show a model selector."""
    return st.selectbox(
        label, names, index=list(names).index(default), key=key, bind="query-params"
    )


def choose_settings(specs: Sequence[ModelSpec]) -> AlignmentSettings:
    """Show the alignment settings in a popover whose label says them in three words."""
    unit, pooling = _chosen("unit", UNITS), _chosen("pooling", POOLINGS)
    rule = _chosen("rule", FRAME_RULES)
    title = f"{unit}s · {pooling.lower()} · {rule.lower()}"
    with st.popover(title, icon=":material/tune:", width="stretch"):
        unit = _choose("Unit", list(UNITS), key="unit", help_="What one row of the comparison is.")
        rule = st.selectbox(
            "Frames of a word",
            list(FRAME_RULES),
            key="rule",
            bind="query-params",
            help=_RULES_HELP,
        )
        pooling = st.selectbox(
            "Pooling",
            list(POOLINGS),
            key="pooling",
            bind="query-params",
            help="How a word's frames become one vector.",
        )
        rate = st.selectbox("Sample rate", list(SAMPLE_RATES), key="rate", bind="query-params")
        stride_ms = st.number_input(
            "Stride (ms)",
            *STRIDES_MS,
            value=None,
            placeholder="Automatic",
            key="stride",
            bind="query-params",
        )
        st.caption(" ".join(map(_timing, specs)))
    return AlignmentSettings(
        unit=UNITS[unit],
        frame_rule=FRAME_RULES[rule],
        pooling=POOLINGS[pooling],
        sample_rate_hz=SAMPLE_RATES[rate],
        stride_ms=stride_ms,
    )


def _chosen(key: str, choices: Iterable[str]) -> str:
    """Return what a widget that is drawn later has chosen, or will take from the address."""
    names = list(choices)
    name = st.session_state.get(key, st.query_params.get(key))
    return name if name in names else names[0]


def _choose(label: str, names: Sequence[str], *, key: str, help_: str) -> str:
    """Show a few names side by side, the first chosen by default."""
    return st.segmented_control(
        label, names, default=names[0], required=True, key=key, bind="query-params", help=help_
    )


def _timing(spec: ModelSpec) -> str:
    if spec.hears and spec.sample_rate_hz and spec.stride_ms:
        return (
            f"`{spec.name}`: {spec.sample_rate_hz / 1000:g} kHz, "
            f"a frame every {spec.stride_ms:g} ms."
        )
    reads = "the words themselves" if spec.modality == "control" else "the transcript"
    return f"`{spec.name}`: reads {reads}."


def choose_layer(spec: ModelSpec, *, key: str, label: str) -> int:
    """Show a layer selector, with the layer's name beneath."""
    last = len(spec.layer_names) - 1
    # A layer chosen for another model may not exist in this one.
    if st.session_state.get(key, 0) > last:
        st.session_state[key] = last
    layer = st.number_input(
        label, min_value=0, max_value=last, step=1, key=key, bind="query-params"
    )
    st.caption(spec.layer_names[int(layer)])
    return int(layer)
