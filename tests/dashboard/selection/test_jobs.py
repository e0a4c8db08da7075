from dataclasses import replace

import pytest

from dashboard.selection import AlignmentView, CompareView, JobFilter, ShownValues, view_of
from pipeline.analyses import AnalysisRequest
from pipeline.engine import Job
from pipeline.request import ComparisonRequest
from pipeline.settings import AlignmentSettings
from pipeline.similarity.row_settings import RowSettings

REQUEST = ComparisonRequest(
    "demo",
    "s3prl:fbank",
    "minilm",
    settings=AlignmentSettings(pooling="first", sample_rate_hz=8_000),
    rows=RowSettings((("sex", "F"),), values="type means"),
    measure="rsa",
)
PAGE = {
    "corpus": "demo",
    "alignments": None,
    "utterance": "ada-01",
    "model": "s3prl:fbank",
    "settings": AlignmentSettings(pooling="max").as_dict(),
}


def test_a_filter_fits_jobs_of_its_states_and_kinds():
    failed = Job("view", {}, "failed")
    assert JobFilter().fits(failed)
    assert JobFilter(("failed", "done"), ("view", "analysis")).fits(failed)
    assert not JobFilter(("done",)).fits(failed)
    assert not JobFilter(kinds=("analysis",)).fits(failed)


def test_a_comparison_opens_where_it_is_compared():
    assert view_of(Job("comparison", REQUEST.as_dict())) == CompareView(
        REQUEST, ShownValues(), 0, 0
    )


def test_an_analysis_opens_at_its_layers_with_its_estimator():
    cell = AnalysisRequest(REQUEST, "calibration", (3, 1), "biased")
    assert view_of(Job("analysis", cell.as_dict())) == CompareView(
        REQUEST, ShownValues("biased"), 3, 1
    )
    nulls = view_of(Job("analysis", AnalysisRequest(REQUEST, "nulls").as_dict()))
    assert nulls.values.mask_by == "words"
    within = AnalysisRequest(REQUEST, "calibration", (0, 0), settings={"within": "frequency"})
    assert view_of(Job("analysis", within.as_dict())).values.within == "frequency"


def test_a_page_opens_at_its_utterance_through_its_model():
    view = view_of(Job("view", PAGE))
    assert isinstance(view, AlignmentView)
    assert (view.utterance, view.request.model_a) == ("ada-01", "s3prl:fbank")
    assert view.request.settings == AlignmentSettings(pooling="max")


@pytest.mark.parametrize(
    "request_",
    [
        replace(REQUEST, alignments="/alignments"),
        replace(REQUEST, settings=AlignmentSettings(storage="float16")),
        replace(REQUEST, settings=AlignmentSettings(sample_rate_hz=12_345)),
        replace(REQUEST, rows=RowSettings(alphabetical=True)),
        replace(REQUEST, rows=RowSettings((("accent", "Scottish"),))),
        replace(REQUEST, rows=RowSettings((("sex", "F"), ("sex", "M")))),
    ],
)
def test_what_no_widget_says_opens_nowhere(request_):
    assert view_of(Job("comparison", request_.as_dict())) is None


def test_a_page_without_a_model_and_an_alignment_open_nowhere():
    assert view_of(Job("view", {**PAGE, "model": None})) is None
    assert view_of(Job("view", {**PAGE, "alignments": "/alignments"})) is None
    assert view_of(Job("alignment", {"corpus": "demo"})) is None
