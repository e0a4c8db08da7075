import json

import pytest

from pipeline.demonstration import DEFAULT_REQUEST
from pipeline.errors import SettingsError
from pipeline.request import ComparisonRequest
from pipeline.settings import AlignmentSettings
from pipeline.similarity.row_selection import RowSelection
from pipeline.similarity.row_settings import RowSettings


def test_a_request_survives_json():
    settings = AlignmentSettings("phone", "thesis", "max", 24_000, 13.33)
    selection = RowSelection(vocabulary=("cat", "dog"), longest_s=0.5, seed=3)
    rows = RowSettings((("sex", "F"),), selection, ("mel",), "within type")
    request = ComparisonRequest("here", "a", "b", "there", settings, rows, "rsa")
    assert ComparisonRequest.from_dict(json.loads(json.dumps(request.as_dict()))) == request


def test_the_plan_has_the_models_and_the_corpus_asked_for(home, store):
    plan = ComparisonRequest("demo", "minilm", "s3prl:fbank").plan(store)
    assert (plan.a.spec.name, plan.b.spec.name) == ("minilm", "s3prl:fbank")
    assert plan.corpus.name == "demo"
    assert home.exists()


def test_equal_requests_have_equal_dictionaries():
    again = ComparisonRequest.from_dict(DEFAULT_REQUEST.as_dict())
    assert again.as_dict() == DEFAULT_REQUEST.as_dict()


def test_a_job_of_a_version_without_row_settings_compares_all_tokens():
    values = {key: DEFAULT_REQUEST.as_dict()[key] for key in ("corpus", "model_a", "model_b")}
    values |= {"alignments": None, "settings": DEFAULT_REQUEST.settings.as_dict()}
    assert ComparisonRequest.from_dict(values) == DEFAULT_REQUEST


@pytest.mark.usefixtures("home")
def test_a_measure_that_is_not_there_is_refused(store):
    with pytest.raises(SettingsError, match="there is no measure 'cca'"):
        ComparisonRequest("demo", "minilm", "s3prl:fbank", measure="cca").plan(store)
