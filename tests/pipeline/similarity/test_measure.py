import numpy as np
import pytest

from pipeline.errors import MatrixError
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


@pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda measure: measure.name)
@pytest.mark.parametrize("rows", [[*range(40)], [*range(13)] * 3], ids=["once", "repeated"])
def test_a_layer_is_identical_to_itself(measure, rows):
    a = [x[rows].astype(np.float32) for x in A]
    np.testing.assert_allclose(np.diag(measure.function(a, a)), 1, atol=1e-9)


@pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda measure: measure.name)
def test_a_constant_layer_has_no_value_and_spoils_no_other(measure):
    constant = np.full((40, 3), 0.1, dtype=np.float16)
    found = measure.function([*A, constant], [constant, *B])
    np.testing.assert_allclose(found[:-1, 1:], measure.function(A, B), atol=1e-12)
    assert np.isnan(found[-1]).all()
    assert np.isnan(found[:, 0]).all()


@pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda measure: measure.name)
def test_the_order_of_the_rows_does_not_matter_where_they_are_not_dealt_to_folds(measure):
    order = np.random.default_rng(1).permutation(40)
    found = measure.function([x[order] for x in A], [y[order] for y in B])
    close = np.allclose(found, measure.function(A, B), atol=1e-9)
    assert close == (measure.name not in ("svcca", "pwcca"))


@pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda measure: measure.name)
def test_more_dimensions_than_rows_give_values(measure):
    a, b = np.random.default_rng(0).normal(size=(2, 16, 50))
    found = measure.function([a], [b])
    assert np.isfinite(found).all()
    assert abs(found[0, 0]) <= 1 + 1e-9


@pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda measure: measure.name)
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_of_three_rows_or_fewer_there_is_a_value_or_none_or_a_reason(measure, rows):
    a, b = np.random.default_rng(0).normal(size=(2, rows, 4))
    try:
        found = measure.function([a], [b])
    except MatrixError as error:
        assert f"{rows} rows have no 10 neighbours" in str(error)  # noqa: PT017 - or a value
    else:
        assert np.isnan(found[0, 0]) or abs(found[0, 0]) <= 1 + 1e-9


@pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda measure: measure.name)
def test_a_value_that_is_not_finite_is_named(measure):
    bad = B[1].copy()
    bad[31, 2] = np.nan
    with pytest.raises(MatrixError, match=r"layer 1 of b, row 31 \(counted from 0\)"):
        measure.function(A, [B[0], bad])


@pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda measure: measure.name)
def test_other_rows_are_refused(measure):
    with pytest.raises(MatrixError, match="layer 1 of b has 39 rows, but layer 0 of a has 40"):
        measure.function(A, [B[0], B[1][1:]])


@pytest.mark.parametrize(("name", "measure"), MEASURES.items())
def test_measures_are_found_by_their_name_and_say_where_they_are_defined(name, measure):
    assert name == measure.name
    assert measure.reference
    assert measure.function(A, B).shape == (len(A), len(B))


def test_both_estimators_are_measures():
    assert {"debiased", "biased"} <= set(MEASURES)
