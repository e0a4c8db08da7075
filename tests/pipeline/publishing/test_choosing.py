from urllib.parse import urlencode

import pytest

from pipeline.errors import BundleError
from pipeline.publishing import choose_views
from pipeline.request import ComparisonRequest
from pipeline.request_text import request_text
from pipeline.saved_views import open_saved_views
from pipeline.view_parameters import comparison_parameters

REQUEST = ComparisonRequest("demo", "minilm", "s3prl:fbank", measure="rsa")
TOLD = comparison_parameters(REQUEST)


@pytest.fixture
def views(home):  # noqa: ARG001 - a home folder of its own
    with open_saved_views() as opened:
        opened.save("compare", "Layer 3", "a note", TOLD, "ada")
        opened.save("words", "Its words", "", TOLD, "ada")
        opened.save("compare", "Twice", "", TOLD, "ada")
        opened.save("compare", "Twice", "", TOLD | {"la": "1"}, "ben")
        yield opened


def test_a_view_is_meant_by_its_name_or_its_number(views):
    one, two = choose_views(["layer 3", "2"], views)
    assert (one.page, one.name, one.note, one.requests) == (
        "compare",
        "Layer 3",
        "a note",
        (REQUEST,),
    )
    assert one.saved_at_s == views.find(1).saved_at_s
    assert (two.page, two.name) == ("words", "Its words")
    assert choose_views(["1", "Layer 3", " 1 "], views) == (one,)


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("http://localhost:8501/?", "compare"),
        ("https://layers.lab.org/layerscope/words?", "words"),
        ("http://localhost:8501/measures?", "measures"),
        ("", "compare"),
    ],
)
def test_a_copied_link_is_the_view_that_it_opens(views, address, page):
    (chosen,) = choose_views([f"{address}{urlencode({'schema': '1', **TOLD}, doseq=True)}"], views)
    assert (chosen.page, chosen.requests) == (page, (REQUEST,))
    assert chosen.name.startswith("minilm × s3prl:fbank, ")


def test_links_of_several_comparisons_and_of_a_saved_view_are_read(views):
    pairs = [request_text(REQUEST), request_text(ComparisonRequest("demo", "a", "b"))]
    link = f"http://localhost:8501/beside?{urlencode({'pair': pairs}, doseq=True)}"
    beside, saved = choose_views([link, "http://localhost:8501/views?view=2"], views)
    assert [request_text(each) for each in beside.requests] == pairs
    assert saved.name == "Its words"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("Layer 4", r"no saved view 'Layer 4'.*1: Layer 3; 2: Its words; 3: Twice; 4: Twice"),
        ("9", "no saved view '9'"),
        ("twice", r"2 views are named 'twice'; name one by its number: 4, 3"),
        ("http://localhost:8501/overview?view=Models", "overview shows no view of its own"),
        ("http://localhost:8501/?a=minilm", "does not say 'corpus'"),
        ("http://localhost:8501/beside?pair=7", "cannot be read"),
        ("", "no saved view ''"),
    ],
)
def test_what_is_no_view_is_refused_with_those_that_are_known(views, said, reason):
    with pytest.raises(BundleError, match=reason):
        choose_views([said], views)
