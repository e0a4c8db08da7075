import doctest

import numpy as np
import pytest

from cache import CacheError, Key
from pipeline.engine import care_task
from pipeline.engine.care_task import Pruning


@pytest.fixture
def filled(store):
    """Two records of each of two models, and one that names none."""
    for n in range(4):
        store.put(Key("a", 1, {"n": n}), {"x": np.zeros(8)}, labels={"model": "mo"[n % 2]})
    store.put(Key("b", 1, {}), {"x": np.zeros(8)}, labels={"corpus": "c"})
    return store


def test_examples_give_what_they_show():
    assert doctest.testmod(care_task).failed == 0


def test_a_task_says_all_of_a_pruning():
    pruning = Pruning("a", "c", "m", "s", 1.5, 10)
    assert Pruning.from_task(pruning.as_task()) == pruning
    assert pruning.as_task()["action"] == "prune"
    assert pruning.is_set
    assert Pruning(older_than_days=0).is_set
    assert not Pruning().is_set


@pytest.mark.parametrize(
    ("pruning", "expected"),
    [
        (Pruning(kind="a"), 4),
        (Pruning(model="m"), 2),
        (Pruning(kind="b", model="m"), 0),
        (Pruning(corpus="c"), 1),
        (Pruning(older_than_days=1), 0),
        (Pruning(older_than_days=0), 5),
        (Pruning(to_size_bytes=0), 5),
    ],
)
def test_a_dry_run_counts_what_is_then_deleted(filled, pruning, expected):
    assert pruning.run(filled, dry_run=True).records == expected
    assert len(list(filled.find())) == 5
    assert pruning.run(filled).records == expected
    assert len(list(filled.find())) == 5 - expected


def test_without_a_criterion_nothing_is_deleted(filled):
    with pytest.raises(CacheError, match="needs a kind, labels, an age or a size"):
        Pruning().run(filled)
    assert len(list(filled.find())) == 5
