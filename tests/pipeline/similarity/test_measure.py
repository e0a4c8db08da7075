import numpy as np
import pytest

from pipeline.similarity.measure import MEASURES, Invariance

RNG = np.random.default_rng(0)
SHARED = RNG.normal(size=(40, 6))
A = [SHARED, SHARED @ RNG.normal(size=(6, 4))]
B = [SHARED + RNG.normal(size=(40, 6)), SHARED**2, RNG.normal(size=(40, 9))]


def rotated(x):
    rotation, _ = np.linalg.qr(np.random.default_rng(x.shape[1]).normal(size=(x.shape[1],) * 2))
    return x @ rotation


def mapped(x):
    """Stretch one axis: invertible, and the simplest map that is neither rotation nor scale."""
    return x * np.r_[20.0, np.ones(x.shape[1] - 1)]


CHANGES = {
    Invariance.ROTATION: rotated,
    Invariance.ISOTROPIC_SCALE: lambda x: 1e-3 * x,
    Invariance.TRANSLATION: lambda x: x + 1e4 * np.arange(1, x.shape[1] + 1),
    Invariance.LINEAR_MAP: mapped,
}


@pytest.mark.parametrize("invariance", Invariance)
@pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda measure: measure.name)
def test_declared_invariances_hold_and_no_others(measure, invariance):
    before = measure.function(A, B)
    change = CHANGES[invariance]
    for after, declared in (
        (measure.function([change(x) for x in A], B), measure.invariant_to),
        (
            measure.function(A, [change(y) for y in B]),
            measure.invariant_to | measure.also_in_b,
        ),
    ):
        difference = np.abs(after - before).max()
        assert difference < 1e-9 if invariance in declared else difference > 1e-2


@pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda measure: measure.name)
def test_symmetry_is_as_declared(measure):
    transposed = np.allclose(measure.function(B, A).T, measure.function(A, B), atol=1e-12)
    assert transposed == measure.symmetric


@pytest.mark.parametrize(("name", "measure"), MEASURES.items())
def test_measures_are_found_by_their_name_and_say_where_they_are_defined(name, measure):
    assert name == measure.name
    assert measure.reference
    assert measure.function(A, B).shape == (len(A), len(B))


def test_both_estimators_are_measures():
    assert {"debiased", "biased"} <= set(MEASURES)
