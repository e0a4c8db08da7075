from dataclasses import replace

import numpy as np
import pytest

from cache import Key
from pipeline.cached_results import (
    best_agreements,
    cached_comparisons,
    newest_of_each,
    search,
)
from pipeline.comparison import COMPARISON_VERSION, load_result
from pipeline.corpus import open_corpus
from pipeline.request import ComparisonRequest
from pipeline.run import run_plan
from pipeline.similarity.row_selection import RowSelection
from pipeline.similarity.row_settings import RowSettings

# Controls need no embeddings.
ONEHOT, LOOKUP, DURATION = "control:onehot", "control:lookup", "control:duration"
PAIR = ComparisonRequest("demo", ONEHOT, LOOKUP)
ROWS = RowSettings((("sex", "f"),), RowSelection(most_per_type=5, longest_s=0.5), (), "type means")


@pytest.fixture(scope="module")
def demo():
    return open_corpus("demo")


@pytest.fixture
def compute(demo, store):
    """Return a function that computes comparisons, one after the other."""

    def compute_each(*requests):
        for request in requests:
            run_plan(request.plan(store, demo), store)

    return compute_each


@pytest.mark.parametrize(
    "request_",
    [PAIR, replace(PAIR, rows=ROWS), replace(PAIR, measure="rsa")],
    ids=["tokens", "type means", "another measure"],
)
def test_a_record_says_what_was_asked_for_and_what_came_out(compute, demo, store, request_):
    compute(request_)
    (found,), left_out = cached_comparisons(store)
    expected = load_result(request_.plan(store, demo), store)
    assert left_out == 0
    assert found.request == request_
    assert found.estimator == expected.estimator
    assert found.counts == expected.counts
    assert (found.layer_names_a, found.layer_names_b) == (
        expected.layer_names_a,
        expected.layer_names_b,
    )
    np.testing.assert_array_equal(found.scores, expected.scores)
    np.testing.assert_equal(found.maximum, expected.scores.max())
    plan = request_.plan(store, demo)
    assert found.fingerprints == (plan.a.spec.fingerprint, plan.b.spec.fingerprint)


def test_the_newest_comes_first(compute, store):
    compute(PAIR, replace(PAIR, model_b=DURATION))
    newest, oldest = cached_comparisons(store)[0]
    assert (newest.request.model_b, oldest.request.model_b) == (DURATION, LOOKUP)
    assert newest.stored_at_s >= oldest.stored_at_s


@pytest.fixture
def damage(compute, store):
    """Return a function that writes a good comparison's record again, with other metadata."""
    compute(PAIR)
    (entry,) = store.find("comparison")
    record = store.read(entry.digest)
    arrays = {name: np.array(array) for name, array in record.arrays.items()}

    def write(**changes):
        metadata = {**record.metadata, **changes}
        store.put(Key("comparison", COMPARISON_VERSION, {"n": 1}), arrays, metadata)

    return write


@pytest.mark.parametrize(
    "changes",
    [
        {"version": COMPARISON_VERSION - 1},
        {"version": None},
        {"request": {"corpus": "demo"}},
        {"request": "demo"},
        {"request": {**PAIR.as_dict(), "measure": "magic"}},
        {"request": {**PAIR.as_dict(), "settings": {"unit": "sentence"}}},
        {"layer_names": [["0"], ["0", "1"]]},
        {"layer_names": 3},
        {"fingerprints": ["one"]},
        {"counts": {}},
    ],
    ids=str,
)
@pytest.mark.usefixtures("unchecked_types")
def test_records_that_say_too_little_are_left_out_and_counted(damage, store, changes):
    damage(**changes)
    found, left_out = cached_comparisons(store)
    assert [each.request for each in found] == [PAIR]
    assert left_out == 1


def test_the_best_pair_is_the_first_of_equals_and_passes_over_what_has_no_value(compute, store):
    compute(PAIR)
    (found,), _ = cached_comparisons(store)
    scores, names = np.array([[np.nan, -0.2], [-0.1, -0.1 + 1e-15]]), ("0", "1")
    equals = replace(found, scores=scores, layer_names_a=names, layer_names_b=names)
    assert equals.best == (1, 0)
    assert equals.maximum == -0.1
    assert replace(equals, scores=np.full((2, 2), np.nan)).best is None


def test_the_map_takes_a_pair_in_either_order_and_leaves_others_empty(compute, store):
    compute(replace(PAIR, model_a=DURATION), PAIR, replace(PAIR, measure="rsa"))
    found = best_agreements(cached_comparisons(store)[0])
    assert found.models == (DURATION, LOOKUP, ONEHOT)
    duration, lookup, onehot = 0, 1, 2
    filled = {(duration, lookup), (lookup, duration), (onehot, lookup), (lookup, onehot)}
    assert set(zip(*np.nonzero(np.isfinite(found.scores)), strict=True)) == filled
    assert found.comparisons.keys() == filled
    np.testing.assert_array_equal(found.scores, found.scores.T)
    for each in found.comparisons.values():
        assert each.request.measure == "cka"


def test_each_order_of_a_pair_has_its_own_comparison_once_it_is_there(compute, store):
    swapped = replace(PAIR, model_a=LOOKUP, model_b=ONEHOT)
    compute(PAIR, swapped)
    found = best_agreements(cached_comparisons(store)[0])
    assert found.comparisons[0, 1].request == swapped
    assert found.comparisons[1, 0].request == PAIR


def test_of_one_pair_the_newest_counts(compute, store):
    compute(PAIR)
    (old,), _ = cached_comparisons(store)
    new = replace(old, scores=old.scores / 2, stored_at_s=old.stored_at_s + 1)
    assert best_agreements([new, old]).scores[0, 1] == old.maximum / 2


def test_a_map_of_several_settings_is_refused(compute, store):
    compute(PAIR, replace(PAIR, rows=ROWS))
    with pytest.raises(ValueError, match="expected comparisons of one setting"):
        best_agreements(cached_comparisons(store)[0])


def test_a_map_of_nothing_is_empty():
    found = best_agreements([])
    assert found.models == ()
    assert found.scores.shape == (0, 0)


def test_of_one_request_the_newest_is_kept_and_others_stay(compute, store):
    compute(PAIR, replace(PAIR, measure="rsa"))
    new, old = cached_comparisons(store)[0]
    again = replace(old, fingerprints=("other", "weights"))
    assert newest_of_each([new, again, old]) == (new, again)


@pytest.fixture
def listed(compute, store):
    """Three comparisons, the newest first: without a value, the best, one in between."""
    compute(PAIR)
    (found,), _ = cached_comparisons(store)

    def like(a, b, score):
        request = replace(PAIR, model_a=a, model_b=b)
        return replace(found, request=request, scores=np.full_like(found.scores, score))

    return [like("B", "x", np.nan), like("c", "x", 0.9), like("A", "y", 0.2)]


@pytest.mark.parametrize(
    ("order", "expected"),
    [("newest", "BcA"), ("best agreement", "cAB"), ("models", "ABc")],
)
def test_comparisons_are_listed_in_the_order_that_is_asked_for(listed, order, expected):
    assert [each.request.model_a for each in search(listed, order=order)] == list(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "BcA"),
        (" X  LINEAR demo ", "Bc"),
        ("y mean", "A"),
        ("x y", ""),
        ("biased", "BcA"),
        ("rsa", ""),
    ],
)
def test_every_word_of_a_search_is_found(listed, text, expected):
    assert [each.request.model_a for each in search(listed, text)] == list(expected)
