import json

import pytest

from dashboard.parts import guide


def told(test):
    """Return what the browser is told of the guide, None where it is not on the page."""
    sent = [json.loads(each.proto.json) for each in test.get("bidi_component")]
    return next((each for each in sent if "steps" in each), None)


def test_a_first_visitor_is_told_four_steps_after_an_invitation(app):
    sent = told(app())
    assert not sent["again"]
    assert [bool(step["selector"]) for step in sent["steps"]] == [False, True, True, True, True]
    assert all(step["title"] and step["text"] for step in sent["steps"])


def test_who_has_closed_it_is_not_told_again_unless_asked_for(app, monkeypatch):
    monkeypatch.setattr(guide, "was_closed", lambda: True)
    assert told(app()) is None
    assert told(app("compare", guide="again"))["again"]


@pytest.mark.parametrize("parameters", [{}, {"guide": "again"}])
def test_once_closed_it_does_not_come_back_in_this_tab(app, monkeypatch, parameters):
    test = app("compare", **parameters)
    state = {}
    monkeypatch.setattr(guide.st, "session_state", state)
    monkeypatch.setattr(guide.st, "query_params", dict(parameters))
    guide.close()
    assert "guide" not in guide.st.query_params
    monkeypatch.undo()
    for name, value in state.items():
        test.session_state[name] = value
    assert told(test.run()) is None


def test_other_pages_are_not_covered_by_it(app):
    assert told(app("overview")) is None
