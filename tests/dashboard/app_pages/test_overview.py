from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.loading import overview
from dashboard.parts import comparison_cards
from pipeline.configuration import open_store
from pipeline.models.catalogue import find_model
from pipeline.request import ComparisonRequest
from pipeline.run import run_plan
from pipeline.settings import AlignmentSettings
from pipeline.similarity.row_settings import RowSettings

# Controls need no embeddings.
PAIR = ComparisonRequest("demo", "control:onehot", "control:lookup")
OTHER = replace(PAIR, model_a="control:duration")
MEANS = replace(PAIR, rows=RowSettings(values="type means"))
RSA = replace(OTHER, measure="rsa")


@pytest.fixture
def compute(home):  # noqa: ARG001 - a home folder of its own
    def compute_each(*requests):
        with open_store() as store:
            for request in requests:
                run_plan(request.plan(store), store)

    return compute_each


def texts(test):
    """Return what the page says, without what keeps names from being markup."""
    kinds = ("markdown", "caption", "text")
    said = "\n".join(str(element.value) for kind in kinds for element in test.get(kind))
    return said.replace("\\", "")


def names(test):
    """Return the models of the cards, in their order, as they are written."""
    return [each.value for each in test.markdown if " × control" in each.value]


def links(test):
    """Return where each card leads, as the parameters of its address."""
    found = [each.value.partition("](")[2].removesuffix(")**") for each in test.markdown]
    return [parse_qs(urlsplit(link).query) for link in found if link]


def test_an_empty_store_says_what_comes_here_and_where_to_start(app):
    test = app("overview")
    assert "Nothing computed yet" in texts(test)
    (start,) = test.get("page_link")
    assert start.proto.label == "Compare two models"


def test_every_comparison_has_a_card_that_opens_it_with_its_settings(app, compute):
    compute(PAIR, MEANS, RSA)
    test = app("overview")
    newest, means, oldest = links(test)
    assert (newest["measure"], newest["a"]) == (["RSA (Spearman)"], ["control:duration"])
    assert (means["values"], means["a"]) == (["Type means"], ["control:onehot"])
    assert (oldest["values"], oldest["measure"]) == (["Tokens"], ["Linear CKA"])
    assert {"corpus", "unit", "rule", "pooling", "rate", "la", "lb", "schema"} <= oldest.keys()
    assert "Debiased linear CKA" in texts(test)
    assert "560 tokens, 92 types, 5 speakers" in texts(test)
    assert "92 rows of 560 tokens" in texts(test)


def test_the_best_cell_is_told_and_linked(app, compute):
    compute(OTHER)
    with open_store() as store:
        (found,) = overview.newest_of_each(overview.cached_comparisons(store)[0])
    a, b = found.best
    test = app("overview")
    assert f"{found.scores.max():.3f} :gray[at layer {a} × layer {b}]" in texts(test)
    assert (links(test)[0]["la"], links(test)[0]["lb"]) == ([str(a)], [str(b)])


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("Newest", ["duration", "onehot"]),
        ("Best agreement", ["onehot", "duration"]),
        ("Models", ["duration", "onehot"]),
    ],
)
def test_cards_come_in_the_order_of_the_link(app, compute, order, expected):
    compute(PAIR, OTHER)
    found = [each["a"][0].removeprefix("control:") for each in links(app("overview", order=order))]
    assert found == expected


def test_a_search_leaves_the_cards_that_hold_its_words(app, compute):
    compute(PAIR, MEANS)
    (found,) = links(app("overview", holds="TYPE lookup"))
    assert found["values"] == ["Type means"]
    test = app("overview", holds="wav2vec2")
    assert names(test) == []
    assert "No comparison fits" in texts(test)


def test_stretched_colours_say_what_they_span_and_stay_in_the_link(app, compute):
    compute(OTHER)
    assert "Colours from" not in texts(app("overview"))
    test = app("overview", spread="true")
    assert "Colours from" in texts(test)
    assert links(test)[0]["stretch"] == ["true"]


def test_only_the_first_are_shown_until_more_are_asked_for(app, compute, monkeypatch):
    compute(PAIR, MEANS, OTHER)
    monkeypatch.setattr(comparison_cards, "AT_ONCE", 2)
    test = app("overview")
    assert len(names(test)) == 2
    assert "2 of 3 are shown." in texts(test)
    test.button(key="more").click().run()
    assert len(names(test)) == 3
    assert "more" not in [button.key for button in test.button]


def test_a_comparison_that_no_page_shows_is_told_and_leads_nowhere(app, compute):
    compute(replace(PAIR, settings=AlignmentSettings(storage="float16")))
    test = app("overview")
    assert links(test) == []
    assert "no page shows just that" in texts(test)


def test_a_model_that_changed_since_is_told(app, compute, monkeypatch):
    compute(PAIR)
    assert "changed since" not in texts(app("overview"))
    changed = replace(find_model("control:lookup"), fingerprint="other weights")
    monkeypatch.setattr(
        overview, "model", lambda name: changed if name == changed.name else find_model(name)
    )
    assert "A model has changed since" in texts(app("overview"))


def test_a_new_comparison_is_listed_at_once(app, compute):
    compute(PAIR)
    assert len(names(app("overview"))) == 1
    compute(OTHER)
    assert len(names(app("overview"))) == 2


def test_records_that_cannot_be_listed_are_counted(app, compute, monkeypatch):
    compute(PAIR)
    monkeypatch.setattr("pipeline.cached_results.COMPARISON_VERSION", -1)
    assert "1 records of earlier versions, or damaged ones" in texts(app("overview"))


def test_the_map_shows_the_setting_of_most_comparisons_and_the_newest_pair(app, compute):
    compute(PAIR, OTHER, MEANS, RSA)
    test = app("overview", view="Models")
    assert test.selectbox(key="within").value == "demo · word, centre, mean · all tokens"
    assert len(test.selectbox(key="within").options) == 2
    assert len(test.get("bidi_component")) == 1
    (found,) = links(test)
    assert (found["a"], found["measure"]) == (["control:duration"], ["Linear CKA"])


def test_the_pair_of_the_link_is_shown_within_its_setting(app, compute):
    compute(PAIR, OTHER, MEANS)
    within = "demo · word, centre, mean · type means of all tokens"
    test = app("overview", view="Models", within=within, one=PAIR.model_b, other=PAIR.model_a)
    (found,) = links(test)
    assert (found["a"], found["values"]) == ([PAIR.model_a], ["Type means"])


def test_a_pair_that_is_not_compared_leads_to_where_it_can_be(app, compute):
    compute(PAIR, OTHER)
    test = app("overview", view="Models", one="control:onehot", other="control:duration")
    assert "These two are not compared within this setting yet." in texts(test)
    (button,) = test.get("link_button")
    asked = parse_qs(urlsplit(button.proto.url).query)
    assert (asked["a"], asked["b"]) == (["control:onehot"], ["control:duration"])


def test_a_pair_that_the_setting_lacks_is_the_newest_instead(app, compute):
    compute(PAIR)
    (found,) = links(app("overview", view="Models", one="no-such", other="control:onehot"))
    assert found["a"] == ["control:onehot"]


def test_without_linear_cka_there_is_no_map(app, compute):
    compute(RSA)
    assert "by which nothing is compared yet" in texts(app("overview", view="Models"))


def test_a_link_writes_every_setting_of_its_tab(app, compute):
    compute(PAIR)
    listed = app("overview", holds="onehot", order="Models").code[0].value
    assert parse_qs(urlsplit(listed).query) == {
        "schema": ["2"],
        "view": ["Comparisons"],
        "holds": ["onehot"],
        "order": ["Models"],
        "spread": ["false"],
    }
    one = {"one": "control:onehot", "other": "control:lookup"}
    mapped = parse_qs(urlsplit(app("overview", view="Models", **one).code[0].value).query)
    assert (mapped["one"], mapped["other"]) == (["control:onehot"], ["control:lookup"])
    assert mapped["within"] == ["demo · word, centre, mean · all tokens"]
