from typing import get_args
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from dashboard import loading
from dashboard.parts.help_terms import TERMS
from pipeline.demonstration import DEFAULT_REQUEST
from pipeline.settings import FrameRule, Pooling, Unit
from pipeline.similarity import MEASURES
from pipeline.similarity.illustrations import repeated_words, unrelated_layers
from pipeline.similarity.result import Counts, SimilarityResult
from pipeline.similarity.row_settings import Values


def texts(test):
    kinds = ("markdown", "caption", "text", "code")
    said = "\n".join(str(element.value) for kind in kinds for element in test.get(kind))
    return said.replace("\\", "")


def metrics(test):
    return {
        metric.label: float(metric.value.replace("\N{MINUS SIGN}", "-").replace(",", ""))
        for metric in test.metric
    }


def test_the_numbers_of_unrelated_layers_are_live(app):
    test = app("help", demo_words="50", demo_dims="256")
    expected = next(each for each in unrelated_layers(50) if each.dims == 256)
    found = metrics(test)
    assert found["Biased"] == pytest.approx(expected.biased, abs=6e-4)
    assert found["Debiased"] == pytest.approx(expected.debiased, abs=6e-4)
    assert found["d / (d + n)"] == pytest.approx(256 / 306, abs=6e-4)
    test.select_slider(key="demo_dims").set_value(2048).run()
    assert metrics(test)["Biased"] > 0.95
    assert abs(metrics(test)["Debiased"]) < 0.2


def test_other_numbers_can_be_drawn(app):
    test = app("help")
    before = metrics(test)
    test.button(key="draw").click().run()
    assert metrics(test)["Debiased"] != before["Debiased"]
    assert metrics(test)["A row a token"] == before["A row a token"]


def test_the_numbers_of_repeated_words_are_live(app):
    test = app("help")
    assert metrics(test)["A row a token"] == pytest.approx(0.70, abs=0.01)
    assert abs(metrics(test)["A row a type"]) < 0.01
    assert metrics(test)["z over rows"] > 1000
    test = app("help", demo_cap="5")
    expected = next(each for each in repeated_words() if each.most_per_type == 5)
    assert metrics(test)["A row a token"] == pytest.approx(expected.over_tokens, abs=6e-4)


def test_a_real_cell_is_the_best_of_the_demonstration_once_it_is_computed(app, monkeypatch):
    assert metrics(app("help", topic="Reading a cell")) == {}
    scores = np.array([[0.1, 0.2], [0.5, 0.3]])
    result = SimilarityResult(
        scores=scores,
        estimator="debiased",
        chance=np.zeros((2, 2)),
        chance_sd=np.full((2, 2), 0.01),
        model_a=DEFAULT_REQUEST.model_a,
        model_b=DEFAULT_REQUEST.model_b,
        layer_names_a=("0", "1"),
        layer_names_b=("0", "1"),
        counts=Counts(rows=9, tokens=9, types=3, speakers=1, utterances=1, left_out=0),
        row_digest="",
    )
    monkeypatch.setattr(loading, "result", lambda *_: result)
    test = app("help", topic="Reading a cell")
    assert [metric.value for metric in test.metric] == ["0.500", "0.000 ± 0.010", "50.0"]
    assert "layer 1 of minilm against layer 0 of" in texts(test)
    link = parse_qs(urlsplit(test.get("link_button")[-1].proto.url).query)
    assert (link["a"], link["la"], link["lb"]) == (["minilm"], ["1"], ["0"])


@pytest.mark.parametrize(
    ("term", "names"),
    [("Unit", Unit), ("Frame rule", FrameRule), ("Pooling", Pooling), ("Row", Values)],
)
def test_the_glossary_explains_every_choice_of_a_setting(term, names):
    assert [name for name in get_args(names) if name.rstrip("s") not in TERMS[term].lower()] == []


def test_every_term_is_on_the_page(app):
    said = texts(app("help", topic="Glossary"))
    assert [term for term in TERMS if f"**{term}**" not in said] == []


def test_the_citation_can_be_copied_and_every_measure_says_where_it_is_from(app):
    test = app("help", topic="Citing")
    said = texts(test)
    assert "@software{layerscope," in said
    assert f"with LayerScope {loading.citation().version}." in said
    assert [each.name for each in MEASURES.values() if each.reference not in said] == []


def test_without_its_citation_file_the_page_says_so(app, monkeypatch):
    monkeypatch.setattr(loading, "citation", lambda: None)
    assert "came without its CITATION.cff" in texts(app("help", topic="Citing"))


def test_the_keys_are_told(app):
    assert "Arrow keys" in texts(app("help", topic="Keys and links"))


def test_the_guide_is_linked_and_a_link_writes_the_topic_and_its_settings(app):
    test = app("help", demo_cap="20")
    (guide,) = test.get("link_button")
    assert urlsplit(guide.proto.url).path == "/"
    assert parse_qs(urlsplit(guide.proto.url).query)["guide"] == ["again"]
    link = next(each.value for each in test.code if "schema" in each.value)
    assert parse_qs(urlsplit(link).query) == {
        "schema": ["2"],
        "topic": ["What CKA says"],
        "demo_words": ["100"],
        "demo_dims": ["512"],
        "demo_cap": ["20"],
    }
