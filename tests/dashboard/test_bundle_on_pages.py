"""A bundle on every page: what it holds is shown, what it does not hold is said to be absent."""

import json

import pytest

from dashboard import loading
from pipeline.errors import RightsError
from pipeline.request import ComparisonRequest
from pipeline.view_parameters import comparison_parameters

GLOVE, LEVEL = "glove:my vectors.txt", "python:level_model:Level"
SHOWN = ComparisonRequest("demo", GLOVE, LEVEL)
COMPARED = comparison_parameters(SHOWN) | {"la": "0", "lb": "1"}
KINDS = ("markdown", "caption", "text", "title", "header", "metric")

pytestmark = pytest.mark.usefixtures("published")


def texts(test):
    said = (element for kind in KINDS for element in test.get(kind))
    return "\n".join(f"{getattr(each, 'label', '')} {each.value}" for each in said)


def asks_for_work(test):
    """Return the buttons that would start, stop or save something."""
    named = {
        "Compute",
        "Cancel",
        "Try again",
        "Try them again",
        "Save",
        "Verify",
        "Delete it",
        "Thesis",
    }
    return {each.label for each in test.button} & named


def test_a_visitor_first_sees_the_first_view_and_no_compute(app):
    test = app()
    assert test.selectbox(key="a").value == GLOVE
    assert test.selectbox(key="b").value == LEVEL
    assert test.number_input(key="lb").value == 1
    assert len(test.get("bidi_component")) >= 1
    assert "Layer 0 × layer 1" in texts(test)
    assert "Calibrate this cell: not in this bundle." in texts(test)
    assert "This is a read-only bundle: it holds 4 views" in texts(test)
    assert "cached" not in texts(test)
    assert asks_for_work(test) == set()
    assert app.engine_wanted == []


def test_what_is_chosen_and_not_in_it_is_said_to_be_absent(app):
    test = app(**COMPARED | {"pooling": "Max"})
    assert "Not in this bundle" in texts(test)
    assert "Its views" in [each.proto.label for each in test.get("link_button")]
    assert asks_for_work(test) == set()


def test_menus_offer_what_it_holds(app):
    test = app()
    assert test.selectbox(key="corpus").options == ["demo"]
    assert test.selectbox(key="a").options == [GLOVE, LEVEL]


def test_words_show_the_analysis_that_was_published_and_miss_the_others(app):
    test = app("words", **COMPARED | {"subject": "Shares"})
    assert "not in this bundle" not in texts(test)
    assert len(test.dataframe) >= 1
    missing = app("words", **COMPARED | {"subject": "Curve"})
    assert "not in this bundle" in texts(missing)
    assert asks_for_work(missing) == set()


def test_a_recording_is_drawn_with_its_frames_and_one_without_sound_says_so(app):
    test = app("alignments")
    assert test.selectbox(key="utterance").value == "ben-02"
    (view,) = test.get("bidi_component")
    drawn = json.loads(view.proto.json)
    assert [track["name"] for track in drawn["tracks"]] == [LEVEL]
    assert drawn["picture_url"] is not None
    assert "not in this bundle" not in texts(test)
    other = app("alignments", corpus="demo", model=LEVEL, utterance="eve-40")
    assert "The sound of this recording is not in this bundle." in texts(other)
    assert "What is not computed of this recording is not shown." in texts(other)


def test_overview_lists_its_comparison_and_nothing_else(app):
    test = app("overview")
    assert not test.exception
    listed, left_out = loading.listed_comparisons()
    assert ([each.request for each in listed], left_out) == ([SHOWN], 0)
    assert all(loading.is_current(each) for each in listed)


def test_saved_views_are_those_of_the_bundle(app):
    test = app("views")
    (table,) = test.dataframe
    assert set(table.value["Name"]) >= {"The heatmap", "Its words", "A recording"}
    opened = app("views", view="1")
    assert asks_for_work(opened) == set()
    assert "ada@lab.org" not in texts(opened)
    assert "who may change it" not in texts(opened)


@pytest.mark.parametrize("page", ["measures", "beside", "library", "help"])
def test_every_other_page_is_drawn(app, page):
    test = app(page)
    assert not test.exception
    assert "This cannot be shown" not in texts(test)
    assert asks_for_work(test) == set()


def test_its_figures_and_numbers_are_exported(app):
    labels = {each.label for each in app().get("download_button")}
    assert {"PDF", "SVG", "PNG", "CSV", "JSON", "NPZ"} <= labels


def test_work_is_refused_and_says_why():
    with pytest.raises(RightsError, match=r"read-only bundle: it holds 4 views.*start a job here"):
        loading.compute(SHOWN)
    with pytest.raises(RightsError):
        loading.save_view("compare", "x", "", {})
