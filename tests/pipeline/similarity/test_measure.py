import numpy as np
import pytest

from pipeline.errors import MatrixError, SettingsError
from pipeline.similarity.measure import MEASURES, Invariance, measure_named

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


NAMED = [
    (f"{measure.name}-{estimator}", measure, function)
    for measure in MEASURES.values()
    for estimator, function in measure.functions.items()
]
WITH_MEASURE = pytest.mark.parametrize(
    ("measure", "function"), [pytest.param(*both, id=name) for name, *both in NAMED]
)
EVERY = pytest.mark.parametrize(
    "function", [pytest.param(function, id=name) for name, _, function in NAMED]
)
CHANGES = {
    Invariance.ROTATION: rotated,
    Invariance.ISOTROPIC_SCALE: lambda x: 1e-3 * x,
    Invariance.TRANSLATION: lambda x: x + 1e4 * np.arange(1, x.shape[1] + 1),
    Invariance.LINEAR_MAP: mapped,
}


@pytest.mark.parametrize("invariance", Invariance)
@WITH_MEASURE
def test_declared_invariances_hold_and_no_others(measure, function, invariance):
    before = function(A, B)
    change = CHANGES[invariance]
    for after, declared in (
        (function([change(x) for x in A], B), measure.invariant_to),
        (
            function(A, [change(y) for y in B]),
            measure.invariant_to | measure.also_in_b,
        ),
    ):
        difference = np.abs(after - before).max()
        assert difference < 1e-9 if invariance in declared else difference > 1e-2


@WITH_MEASURE
def test_symmetry_is_as_declared(measure, function):
    transposed = np.allclose(function(B, A).T, function(A, B), atol=1e-12)
    assert transposed == measure.symmetric


@EVERY
@pytest.mark.parametrize("rows", [[*range(40)], [*range(13)] * 3], ids=["once", "repeated"])
def test_a_layer_is_identical_to_itself(function, rows):
    a = [x[rows].astype(np.float32) for x in A]
    np.testing.assert_allclose(np.diag(function(a, a)), 1, atol=1e-9)


@EVERY
def test_a_constant_layer_has_no_value_and_spoils_no_other(function):
    constant = np.full((40, 3), 0.1, dtype=np.float16)
    found = function([*A, constant], [constant, *B])
    np.testing.assert_allclose(found[:-1, 1:], function(A, B), atol=1e-12)
    assert np.isnan(found[-1]).all()
    assert np.isnan(found[:, 0]).all()


@WITH_MEASURE
def test_the_order_of_the_rows_does_not_matter_where_they_are_not_dealt_to_folds(measure, function):
    order = np.random.default_rng(1).permutation(40)
    found = function([x[order] for x in A], [y[order] for y in B])
    close = np.allclose(found, function(A, B), atol=1e-9)
    assert close == (measure.name not in ("svcca", "pwcca"))


@EVERY
def test_more_dimensions_than_rows_give_values(function):
    a, b = np.random.default_rng(0).normal(size=(2, 16, 50))
    found = function([a], [b])
    assert np.isfinite(found).all()
    assert abs(found[0, 0]) <= 1 + 1e-9


@EVERY
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_of_three_rows_or_fewer_there_is_a_value_or_none_or_a_reason(function, rows):
    a, b = np.random.default_rng(0).normal(size=(2, rows, 4))
    try:
        found = function([a], [b])
    except MatrixError as error:
        assert f"{rows} rows have no 10 neighbours" in str(error)  # noqa: PT017 - or a value
    else:
        assert np.isnan(found[0, 0]) or abs(found[0, 0]) <= 1 + 1e-9


@EVERY
def test_a_value_that_is_not_finite_is_named(function):
    bad = B[1].copy()
    bad[31, 2] = np.nan
    with pytest.raises(MatrixError, match=r"layer 1 of b, row 31 \(counted from 0\)"):
        function(A, [B[0], bad])


@EVERY
def test_other_rows_are_refused(function):
    with pytest.raises(MatrixError, match="layer 1 of b has 39 rows, but layer 0 of a has 40"):
        function(A, [B[0], B[1][1:]])


@pytest.mark.parametrize(("name", "measure"), MEASURES.items())
def test_measures_are_found_by_their_name_and_say_where_they_are_defined(name, measure):
    assert measure_named(name) is measure
    assert name == measure.name
    assert measure.title
    assert measure.reference


def test_a_measure_without_estimators_takes_any_of_them():
    for estimator in ("debiased", "biased", None):
        assert MEASURES["rsa"].function(estimator) is MEASURES["rsa"].functions[None]
    assert MEASURES["cka"].function("biased") is not MEASURES["cka"].function("debiased")


def test_a_measure_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(SettingsError, match="no measure 'cca'; choose one of cka, rbf, svcca"):
        measure_named("cca")


@pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda measure: measure.name)
def test_only_measures_that_hold_rows_out_take_groups_of_them(measure):
    words = np.repeat(np.arange(10), 4)
    for function in measure.functions.values():
        if measure.holds_out:
            assert function(A, B, groups=words).shape == (len(A), len(B))
        else:
            with pytest.raises(TypeError, match="groups"):
                function(A, B, groups=words)


@pytest.mark.parametrize("name", [name for name in MEASURES if MEASURES[name].settings])
def test_of_more_rows_a_measure_takes_those_that_its_settings_draw(name):
    measure, count = MEASURES[name], 3005
    most_rows, seed = measure.settings["most_rows"], measure.settings["seed"]
    drawn = np.random.default_rng(seed).choice(count, most_rows, replace=False)
    others = np.setdiff1d(np.arange(count), drawn)
    assert len(others) == count - most_rows
    rng = np.random.default_rng(1)
    x = rng.normal(size=(count, 3))
    y, z = x + rng.normal(size=x.shape), x.copy()
    z[others] = rng.normal(size=(len(others), 3))
    for function in measure.functions.values():
        np.testing.assert_allclose(function([z], [y]), function([x], [y]), atol=1e-9)
        np.testing.assert_allclose(
            function([x[np.sort(drawn)]], [y[np.sort(drawn)]]), function([x], [y]), atol=1e-9
        )


def test_measures_without_settings_take_every_row():
    x, y = np.random.default_rng(2).normal(size=(2, 3005, 3))
    for name in ("cka", "procrustes"):
        assert not MEASURES[name].settings
        for row in range(0, 3005, 601):
            changed = x.copy()
            changed[row] += 9
            for function in MEASURES[name].functions.values():
                assert function([changed], [y]) != function([x], [y])
