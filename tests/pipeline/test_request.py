import json

from pipeline.demonstration import DEFAULT_REQUEST
from pipeline.request import ComparisonRequest
from pipeline.settings import AlignmentSettings


def test_a_request_survives_json():
    settings = AlignmentSettings("phone", "thesis", "max", 24_000, 13.33)
    request = ComparisonRequest("here", "a", "b", "there", settings)
    assert ComparisonRequest.from_dict(json.loads(json.dumps(request.as_dict()))) == request


def test_the_plan_has_the_models_and_the_corpus_asked_for(home, store):
    plan = ComparisonRequest("demo", "minilm", "s3prl:fbank").plan(store)
    assert (plan.a.spec.name, plan.b.spec.name) == ("minilm", "s3prl:fbank")
    assert plan.corpus.name == "demo"
    assert home.exists()


def test_equal_requests_have_equal_dictionaries():
    again = ComparisonRequest.from_dict(DEFAULT_REQUEST.as_dict())
    assert again.as_dict() == DEFAULT_REQUEST.as_dict()
