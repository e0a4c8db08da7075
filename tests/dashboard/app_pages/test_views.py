"""Saved views, wired: saved on one page, listed, opened, changed and deleted on another."""

from urllib.parse import parse_qs, urlsplit

import pytest

from pipeline.configuration import open_store
from pipeline.request import ComparisonRequest
from pipeline.run import run_plan
from pipeline.saved_views import open_saved_views

QUICK = ComparisonRequest("demo", "control:onehot", "control:lookup")
HOSTILE = "<b>x</b> **y** [z](https://evil.example) :red[w] $q$"


@pytest.fixture
def computed(home):
    with open_store() as store:
        run_plan(QUICK.plan(store), store)
    return home


@pytest.fixture
def saved(home):  # noqa: ARG001 - a home folder of its own
    """A view that the visitor saved, and one of somebody else."""
    link = {"schema": "1", "corpus": "demo", "a": "minilm", "b": "s3prl:mel", "without": ["mel"]}
    with open_saved_views() as views:
        return [views.save("compare", HOSTILE, HOSTILE, link, who) for who in ("local", "ada")]


def texts(test):
    return [element.value for element in test.get("text")]


def link_of(test, label):
    (found,) = [each.proto.url for each in test.get("link_button") if each.proto.label == label]
    return found


@pytest.mark.usefixtures("computed")
def test_a_view_is_saved_with_every_field_and_opens_as_it_was(app):
    test = app(a="control:onehot", b="control:lookup", show="Z over rows", stretch="true")
    (name,) = [each for each in test.text_input if each.label == "Name"]
    name.input("What I saw")
    test.text_area[0].input("Look at z")
    (button,) = [each for each in test.button if each.label == "Save"]
    button.click().run()
    assert "What I saw is saved" in texts(test)
    with open_saved_views() as views:
        (view,), _ = views.search("", 10)
    assert (view.page, view.saved_by, view.note) == ("compare", "local", "Look at z")
    listed = app("views", view=str(view.id))
    asked = parse_qs(urlsplit(link_of(listed, "Open")).query)
    told = {name: value for name, value in view.parameters.items() if value != []}
    assert {name: values[0] for name, values in asked.items()} == told
    again = app(**told)
    (shown,) = [each for each in again.get("button_group") if each.label == "Show"]
    assert shown.value == "Z over rows"


def test_without_a_name_nothing_is_saved(app, computed):  # noqa: ARG001
    test = app(a="control:onehot", b="control:lookup")
    (button,) = [each for each in test.button if each.label == "Save"]
    button.click().run()
    assert "expected a name for the view; write one" in texts(test)


def test_without_any_view_the_page_says_how_to_save_one(app):
    test = app("views")
    assert any("No saved views yet" in each.value for each in test.markdown)


def test_a_search_finds_on_the_server_what_a_view_holds(app, saved):
    with open_saved_views() as views:
        views.save("words", "other", "", {"corpus": "mine"}, "local")
    test = app("views", saved="MINE")
    assert list(test.dataframe[0].value["Name"]) == ["other"]
    assert list(app("views").dataframe[0].value["Name"]) == ["other", saved[1].name, saved[0].name]
    nothing = app("views", saved="nowhere")
    assert any("No saved view holds this text" in each.value for each in nothing.caption)


def test_hostile_names_and_notes_are_plain_text(app, saved):
    test = app("views", view=str(saved[0].id))
    assert texts(test).count(HOSTILE) == 2
    assert not [each for each in [*test.markdown, *test.caption] if "evil" in each.value]


def test_who_saved_a_view_can_change_it_and_delete_it(app, saved):
    test = app("views", view=str(saved[0].id))
    (name,) = [each for each in test.text_input if each.label == "Name"]
    name.input("Renamed")
    (button,) = [each for each in test.button if each.label == "Change"]
    button.click().run()
    assert "Renamed" in texts(test)
    test.button(key="delete-view").click().run()
    with open_saved_views() as views:
        assert [view.saved_by for view in views.search("", 10)[0]] == ["ada"]


def test_a_view_of_somebody_else_can_be_opened_only(app, saved):
    test = app("views", view=str(saved[1].id))
    assert "without=mel" in link_of(test, "Open")
    assert "Saved by ada, who may change it." in texts(test)
    assert not test.button


@pytest.mark.parametrize("number", ["99", "x", "-1", "9" * 40])
def test_a_number_that_no_view_has_is_no_error_of_the_page(app, number):
    test = app("views", view=number)
    said = [text for text in texts(test) if "there is no saved view 99" in text]
    assert len(said) == (number == "99")
