"""From speech to similarity: corpora, models, word embeddings and their comparison.

Usable from a notebook, the command line (``python -m pipeline``) and the dashboard's workers:
`open_corpus`, `read_alignment`, `open_model`, `compare`, `compare_request`, `analyse` and
:mod:`pipeline.similarity`.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "analyse": "pipeline.run",
    "compare": "pipeline.run",
    "compare_request": "pipeline.run",
    "open_corpus": "pipeline.library",
    "open_model": "pipeline.models.opening",
    "read_alignment": "pipeline.alignments",
    "AlignmentSettings": "pipeline.settings",
    "AnalysisRequest": "pipeline.analyses",
    "ComparisonRequest": "pipeline.request",
    "RowSelection": "pipeline.similarity.row_selection",
    "RowSettings": "pipeline.similarity.row_settings",
}

__all__ = [
    "AlignmentSettings",
    "AnalysisRequest",
    "ComparisonRequest",
    "RowSelection",
    "RowSettings",
    "analyse",
    "compare",
    "compare_request",
    "open_corpus",
    "open_model",
    "read_alignment",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import a public name when it is first used.

    The dashboard imports parts of this package in a process that must stay free of torch.
    """
    if name == "similarity":
        return import_module("pipeline.similarity")
    if name not in _HOMES:
        raise AttributeError(f"module 'pipeline' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
