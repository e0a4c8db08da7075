"""The comparison that a first visitor sees, ready without any download."""

from pipeline.bundle import bundle
from pipeline.request import ComparisonRequest
from pipeline.view_parameters import requests_of

DEFAULT_REQUEST = ComparisonRequest(
    corpus="demo", model_a="minilm", model_b="untrained:wav2vec2-base"
)


def first_request() -> ComparisonRequest:
    """Return the demonstration's, or the first comparison of the bundle which is shown.

    Raises
    ------
    SettingsError
        If the bundle's first view asks for what does not exist.
    """
    shown = bundle()
    if shown is None:
        return DEFAULT_REQUEST
    # A recording's view names models, too, which may not be compared.
    views = (view for view in shown.views if view.page != "alignments")
    first = next(views, shown.views[0])
    return requests_of(first.page, first.parameters)[0]
