import json

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.selection.library import TABS


def script():
    import streamlit as st  # noqa: PLC0415 - run on its own

    from dashboard import selection  # noqa: PLC0415
    from pipeline.models.catalogue import known_models  # noqa: PLC0415

    st.tabs(list(selection.TABS), key="tab", bind="query-params")
    selection.choose_corpus(("demo", "mine"))
    selection.search_problems()
    search = selection.search_models(known_models())
    found = [spec.name for spec in known_models() if search.finds(spec)]
    selection.choose_listed(found)
    st.text("\n".join(found))
    for tab in selection.TABS:
        st.json(selection.library_parameters(tab))


def opened(**parameters):
    test = AppTest.from_function(script)
    for name, value in parameters.items():
        test.query_params[name] = value
    return test.run()


def parameters_of(test, tab):
    return json.loads(test.json[list(TABS).index(tab)].value)


def test_without_parameters_every_model_is_found():
    test = opened()
    assert len(test.text[0].value.splitlines()) > 30
    assert parameters_of(test, "Corpora") == {"tab": "Corpora", "corpus": "demo"}


VIEWS = {
    "Corpora": {"corpus": "mine", "problem": "b.TextGrid & ü"},
    "Models": {
        "find": "bert",
        "family": "untrained",
        "reads": "text",
        "here": "true",
        "model": "untrained:bert-base",
    },
}


@pytest.mark.parametrize("tab", VIEWS)
def test_a_link_writes_every_setting_of_its_tab_and_restores_it(tab):
    test = opened(tab=tab, **VIEWS[tab])
    assert parameters_of(test, tab) == {"tab": tab, **VIEWS[tab]}
    assert set(VIEWS[tab]) == set(TABS[tab])


def test_filters_narrow_each_other():
    assert opened(**VIEWS["Models"]).text[0].value == "untrained:bert-base"


def test_what_a_link_cannot_mean_is_as_if_it_said_nothing():
    test = opened(tab="x", family="x", reads="x", here="x", model="x", corpus="x")
    assert test.text[0].value == opened().text[0].value
    assert test.selectbox(key="model").value == "minilm"
