import pytest

from pipeline.demonstration import DEFAULT_REQUEST, first_request
from pipeline.request import ComparisonRequest


def test_the_first_page_needs_no_download_and_shows_a_pretrained_model_beside_a_control(
    home, store
):
    plan = DEFAULT_REQUEST.plan(store)
    assert plan.corpus.name == "demo"
    assert plan.a.spec.name == "minilm"
    assert plan.b.spec.family == "untrained"
    assert home.exists()


def test_a_visitor_of_a_bundle_first_sees_its_first_view(published):
    assert first_request() == ComparisonRequest(
        "demo", "glove:my vectors.txt", "python:level_model:Level"
    )
    assert published.report.views == 4


@pytest.mark.usefixtures("home")
def test_elsewhere_it_is_the_demonstration():
    assert first_request() == DEFAULT_REQUEST
