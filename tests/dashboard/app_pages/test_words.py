import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.parts.word_shares import MOST_SHOWN
from pipeline.analyses import AnalysisRequest, compute_analysis, load_analysis
from pipeline.configuration import open_store
from pipeline.engine import open_queue
from pipeline.request import ComparisonRequest
from pipeline.run import run_plan

QUICK = ComparisonRequest("demo", "control:lookup", "control:onehot")


@pytest.fixture
def words(app):
    """Open the page for a comparison of controls that is there."""
    with open_store() as store:
        run_plan(QUICK.plan(store), store)

    def opened(**parameters):
        return app("words", a=QUICK.model_a, b=QUICK.model_b, **parameters)

    return opened


def analysed(name, comparison=QUICK, **settings):
    """Compute an analysis of the pair of layers, and return it."""
    request = AnalysisRequest(comparison, name, (0, 0), settings=settings)
    with open_store() as store:
        plan = comparison.plan(store)
        compute_analysis(request, plan, store)
        return load_analysis(request, plan, store)


@pytest.mark.parametrize(
    ("subject", "name", "settings"),
    [
        ("Shares", "shares", {}),
        ("Neighbours", "neighbours", {"word": "horse", "of": "types"}),
        ("Map", "map", {"method": "umap"}),
        ("Curve", "curve", {}),
        ("Retrieval", "retrieval", {}),
    ],
)
def test_what_is_not_there_is_asked_for_with_one_button(words, subject, name, settings):
    test = words(subject=subject, find="Horse,", method="UMAP")
    test.button(key=f"ask-{name}").click().run()
    with open_queue() as queue:
        (job,) = queue.active()
    expected = AnalysisRequest(QUICK, name, (0, 0), settings=settings)
    assert AnalysisRequest.from_dict(job.task) == expected


def test_shares_are_listed_from_the_largest_and_can_be_searched(words):
    found = analysed("shares")
    table = words(subject="Shares").dataframe[0].value
    assert len(table) == min(len(found.names), MOST_SHOWN)
    assert table["share"].is_monotonic_decreasing
    assert table["share"].iloc[0] == found.shares.max()
    narrowed = words(subject="Shares", find="The").dataframe[0].value
    assert set(narrowed["name"]) == {name for name in found.names if "the" in name}


def test_the_lowest_shares_can_come_first_and_one_below_0_has_a_bar_from_the_lowest(app):
    request = replace(QUICK, model_b="control:duration")
    with open_store() as store:
        run_plan(request.plan(store), store)
    found = analysed("shares", request)
    models = {"a": request.model_a, "b": request.model_b}
    shown = app("words", subject="Shares", first_shown="Lowest", **models).dataframe[0]
    assert shown.value["share"].is_monotonic_increasing
    assert shown.value["share"].iloc[0] == found.shares.min() < 0
    bar = json.loads(shown.proto.columns)["share"]["type_config"]
    assert (bar["min_value"], bar["max_value"]) == (found.shares.min(), found.shares.max())


def test_neighbours_stand_side_by_side_and_shared_ones_are_marked(words):
    found = analysed("neighbours", word="horse", of="types")
    test = words(subject="Neighbours", find="horse")
    left, right = (frame.value for frame in test.dataframe)
    assert list(left["word"]) == [found.words[place] for place in found.nearest_a]
    assert list(right["in both"]) == found.shared_b.tolist()


def test_without_a_word_there_are_no_neighbours_to_look_for(words):
    test = words(subject="Neighbours")
    assert any("Name a word" in each.value for each in test.caption)


def test_a_word_on_the_map_is_named_and_can_be_played(words):
    found = analysed("map", method="pca")
    test = words(subject="Map", row="7")
    token = f"{found.words[7]}, {found.speakers[7]}, {found.utterances[7]}"
    assert token in [each.value for each in test.text]
    assert "row" not in words(subject="Map", row="9999999").text


def test_a_map_by_components_is_asked_for_by_looking_and_once(words):
    test = words(subject="Map")
    assert test.button(key="ask-map").disabled
    test.run()
    with open_queue() as queue:
        (job,) = queue.active()
    expected = AnalysisRequest(QUICK, "map", (0, 0), settings={"method": "pca"})
    assert AnalysisRequest.from_dict(job.task) == expected


def test_a_viewer_s_look_asks_for_no_map(words, sign_in_as):
    sign_in_as("eva")
    assert "Only an analyst can start a job" in words(subject="Map").button(key="ask-map").help
    with open_queue() as queue:
        assert queue.active() == []


def test_a_map_that_was_cancelled_waits_for_a_click(words):
    words(subject="Map")
    with open_queue() as queue:
        (job,) = queue.active()
        assert queue.cancel(job)
    assert not words(subject="Map").button(key="ask-map").disabled


@pytest.mark.parametrize(
    ("shown", "defaults"),
    [
        ({"subject": "Shares", "find": "the"}, {"first_shown": "Highest"}),
        ({"subject": "Neighbours", "find": "the"}, {"among": "Types"}),
        ({"subject": "Neighbours", "find": "the", "among": "Tokens"}, {"token": "0"}),
        ({"subject": "Map", "row": "7"}, {"method": "PCA"}),
        ({"subject": "Retrieval"}, {"found": "All"}),
    ],
)
def test_a_link_writes_what_the_subject_shows_defaults_included(words, shown, defaults):
    for name, settings in (("shares", {}), ("map", {"method": "pca"}), ("retrieval", {})):
        if name.capitalize() == shown["subject"]:
            analysed(name, **settings)
    code = next(each.value for each in words(**shown).code if "schema=" in each.value)
    told = {name: values[0] for name, values in parse_qs(urlsplit(code).query).items()}
    assert told | shown | defaults == told


def test_retrieval_says_how_often_and_which(words):
    found = analysed("retrieval")
    test = words(subject="Retrieval")
    shown = {metric.label: metric.value for metric in test.metric}
    assert shown["Top-1"] == f"{found.among_anchors['top1']:.1%}"
    right = words(subject="Retrieval", found="Found").dataframe[0].value
    assert len(right) == sum(map(str.__eq__, found.named, found.words)) > 0
    assert (right["named"] == right["word"]).all()
    settings = "k 100, p 4, held out 0.15, seed 2211, unit length False."
    assert any(settings in each.value for each in test.caption)


def test_both_curves_are_drawn(words):
    analysed("curve")
    test = words(subject="Curve")
    assert any("Biased CKA falls" in each.value for each in test.caption)
    assert any("draws 3, seed 0, most rows 20000." in each.value for each in test.caption)


@pytest.mark.parametrize("subject", ["Shares", "Curve"])
def test_by_another_measure_it_is_said_that_what_is_shown_is_of_linear_cka(words, subject):
    analysed(subject.lower())
    with open_store() as store:
        run_plan(replace(QUICK, measure="procrustes").plan(store), store)
    said = "inear CKA (not orthogonal Procrustes, which is chosen above)"
    assert said not in "".join(each.value for each in words(subject=subject).caption)
    by_another = words(subject=subject, measure="Orthogonal Procrustes").caption
    assert said in "".join(each.value for each in by_another)


def test_without_a_result_the_page_says_what_is_missing(app):
    test = app("words")
    assert not test.button(key="compute").disabled
