import json
from dataclasses import replace

import numpy as np
import pytest

from pipeline.comparison import load_result
from pipeline.configuration import open_store
from pipeline.request import ComparisonRequest
from pipeline.request_text import request_text
from pipeline.run import run_plan
from pipeline.similarity.row_settings import RowSettings

TOKENS = ComparisonRequest("demo", "control:duration", "control:lookup")
TYPES = replace(TOKENS, rows=RowSettings(values="type means"))
PAIRS = [request_text(TOKENS), request_text(TYPES)]


@pytest.fixture
def both(home):  # noqa: ARG001 - a home folder of its own
    """The results of both comparisons."""
    with open_store() as store:
        plans = [each.plan(store) for each in (TOKENS, TYPES)]
        for plan in plans:
            run_plan(plan, store)
        return [load_result(plan, store) for plan in plans]


def texts(test):
    return "\n".join(
        str(element.value) for kind in ("markdown", "caption", "text") for element in test.get(kind)
    )


def pairs_in_the_address(test):
    pairs = test.query_params.get("pair", [])
    return [pairs] if isinstance(pairs, str) else pairs


def test_nothing_chosen_is_a_calm_page(app):
    assert "Nothing to compare yet" in texts(app("beside"))


def test_what_is_computed_can_be_added_and_removed_and_stays_in_the_address(app, both):  # noqa: ARG001
    test = app("beside")
    test.selectbox(key="add").set_value(PAIRS[1]).run()
    assert pairs_in_the_address(test) == [PAIRS[1]]
    assert "1 · control:duration × control:lookup" in texts(test)
    assert len(test.selectbox(key="add").options) == 1
    test.button(key=f"remove-{PAIRS[1]}").click().run()
    assert pairs_in_the_address(test) == []
    assert "Nothing to compare yet" in texts(test)


def test_each_panel_says_its_best_pair_and_all_share_a_scale(app, both):
    test = app("beside", pair=PAIRS)
    assert not test.exception
    for result in both:
        layer = result.scores[:, 0].argmax()
        best = f"Best {result.scores[layer, 0]:.3f} at layer {layer} × layer 0"
        assert best in texts(test)


def test_a_difference_says_how_far_both_are_apart(app, both):
    test = app("beside", pair=PAIRS, drawn="Difference")
    largest = np.abs(both[0].scores - both[1].scores).max()
    assert {metric.label: metric.value for metric in test.metric}["Largest difference"] == (
        f"{largest:.3f}"
    )
    tokens, types = (result.counts.rows for result in both)
    assert tokens != types
    assert f"over other rows: {tokens:,} and {types:,}" in texts(test)


def test_a_difference_of_one_asks_for_another(app, both):  # noqa: ARG001
    assert "add another" in texts(app("beside", pair=PAIRS[:1], drawn="Difference"))


def test_lines_name_every_comparison(app, both):  # noqa: ARG001
    test = app("beside", pair=PAIRS, drawn="Lines")
    for number in (1, 2):
        assert f"{number} · control:duration × control:lookup: Best" in texts(test)


def test_a_comparison_that_is_not_computed_says_so_with_a_way_to_it(app):
    test = app("beside", pair=PAIRS[:1])
    assert "Not computed yet: control:duration × control:lookup" in texts(test)
    (link,) = [each.proto for each in test.get("link_button")]
    assert "/?" in link.url
    assert "a=control%3Aduration" in link.url


@pytest.mark.parametrize(
    "text",
    [
        "{",
        request_text(replace(TOKENS, corpus="/etc")),
        request_text(replace(TOKENS, model_a="<script>alert(1)</script>")),
        json.dumps({"corpus": "demo", "model_a": "minilm", "model_b": "minilm", "measure": "no"}),
    ],
)
def test_what_the_address_cannot_mean_is_refused_beside_what_it_can(app, both, text):  # noqa: ARG001
    test = app("beside", pair=[text, PAIRS[0]])
    assert not test.exception
    assert "2 · control:duration × control:lookup" in texts(test)
    test.button(key=f"remove-{text}").click().run()
    assert pairs_in_the_address(test) == [PAIRS[0]]


def test_more_than_four_are_not_shown(app, both):  # noqa: ARG001
    many = [request_text(replace(TOKENS, model_b=f"control:lookup?seed={k}")) for k in range(6)]
    test = app("beside", pair=many)
    assert len([b for b in test.button if b.key and b.key.startswith("remove-")]) == 4
    assert test.selectbox(key="add").disabled
