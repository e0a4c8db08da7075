import numpy as np
import pytest
import scipy.linalg

from pipeline.errors import MatrixError
from pipeline.similarity.canonical import Fitting, mean_correlations, whitening
from pipeline.similarity.pairing import sampled_rows


def normal(rows, dim, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, dim))


def equal(loadings):
    return np.ones(len(loadings))


RELATED = (normal(60, 5), normal(60, 5)[:, :4] @ normal(4, 6, 1) + normal(60, 6, 2))


def directions(x, y, ridge):
    """Solve the generalised eigenvalue problem that defines canonical directions."""
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    regular_x, regular_y = (
        z.T @ z + ridge * np.linalg.norm(z, 2) ** 2 * np.eye(z.shape[1]) for z in (x, y)
    )
    across = x.T @ y
    explained = across @ np.linalg.solve(regular_y, across.T)
    _, found = scipy.linalg.eigh(explained, regular_x)
    found = found[:, ::-1][:, : min(x.shape[1], y.shape[1])]
    return found, np.linalg.solve(regular_y, across.T @ found)


def correlations(x, y):
    return [np.corrcoef(u, v)[0, 1] for u, v in zip(x.T, y.T, strict=True)]


def by_folds(x, y, labels, fitting):
    scores = []
    names, group = np.unique(labels, return_inverse=True)
    fold = np.random.default_rng(fitting.seed).permutation(len(names))[group] % fitting.folds
    for held_out in range(fitting.folds):
        out = fold == held_out
        left, right = directions(x[~out], y[~out], fitting.ridge)
        scores.append(np.mean(correlations(x[out] @ left, y[out] @ right)))
    return np.mean(scores)


def by_singular_values(x, y, fitting):
    """Whiten by singular value decompositions, and take the one of the products of both layers."""

    def white(z, fitted):
        centred = z - z[fitted].mean(axis=0)
        _, scales, axes = np.linalg.svd(centred[fitted], full_matrices=False)
        unexplained = np.cumsum(scales[::-1] ** 2)[::-1]
        kept = unexplained > 1e-12 * unexplained[0]
        return centred @ (axes[kept].T / scales[kept])

    scores = []
    fold = np.random.default_rng(fitting.seed).permutation(len(x)) % fitting.folds
    for held_out in range(fitting.folds):
        out = fold == held_out
        white_x, white_y = white(x, ~out), white(y, ~out)
        left, _, right = np.linalg.svd(white_x[~out].T @ white_y[~out], full_matrices=False)
        scores.append(np.mean(correlations(white_x[out] @ left, white_y[out] @ right.T)))
    return np.mean(scores)


@pytest.mark.parametrize(("dim_a", "dim_b"), [(30, 30), (12, 40), (40, 12)])
@pytest.mark.parametrize("condition", [1.0, 1e3, 9e3, 1.1e4, 1e5, 1e10, np.inf])
def test_however_unequal_its_directions_are_a_layer_is_whitened_well(condition, dim_a, dim_b):
    """Below 10,000, eigenvalues have digits enough; above, they would lose the least directions."""
    shared = normal(200, 40)
    a, b = (
        (shared[:, :dim] + normal(200, dim, dim + side)) @ normal(dim, dim, side)
        for side, dim in ((1, dim_a), (2, dim_b))
    )
    left, _, right = np.linalg.svd(a - a.mean(axis=0), full_matrices=False)
    scales = np.geomspace(1, 1 / condition, dim_a) if np.isfinite(condition) else np.ones(dim_a)
    scales[-3:] *= np.isfinite(condition)
    a = (left * scales) @ right + 0.1
    found = mean_correlations([a], [b], Fitting(), None, equal)[0, 0]
    assert found == pytest.approx(by_singular_values(a, b, Fitting()), abs=1e-9)


@pytest.mark.parametrize("ridge", [0.0, 0.03, 1.0])
@pytest.mark.parametrize("folds", [2, 5, 7])
def test_held_out_rows_judge_directions_fitted_to_the_others(folds, ridge):
    x, y = RELATED
    fitting = Fitting(folds=folds, ridge=ridge, seed=4)
    found = mean_correlations([x], [y], fitting, None, equal)[0, 0]
    assert found == pytest.approx(by_folds(x, y, np.arange(60), fitting), abs=1e-9)


def test_groups_are_held_out_as_a_whole():
    x, y = RELATED
    words = np.array(["the", "of", "and", "a", "to", "in", "he"])[np.arange(60) % 7]
    fitting = Fitting(folds=3)
    found = mean_correlations([x], [y], fitting, words.tolist(), equal)[0, 0]
    assert found == pytest.approx(by_folds(x, y, words, fitting), abs=1e-9)
    assert found != pytest.approx(by_folds(x, y, np.arange(60), fitting), abs=1e-6)


def test_in_the_fitted_rows_correlations_are_cosines_of_principal_angles():
    x, y = RELATED
    angles = scipy.linalg.subspace_angles(x - x.mean(axis=0), y - y.mean(axis=0))
    found = mean_correlations([x], [y], Fitting(folds=None), None, equal)[0, 0]
    assert found == pytest.approx(np.cos(angles).mean(), abs=1e-12)


def test_weights_see_the_products_of_variates_and_columns():
    x, y = RELATED
    seen = []

    def first_only(loadings):
        seen.append(loadings)
        return np.r_[1.0, np.zeros(len(loadings) - 1)]

    found = mean_correlations([x], [y], Fitting(folds=None), None, first_only)[0, 0]
    centred = x - x.mean(axis=0)
    left, right = directions(x, y, 0)
    variates = centred @ left
    variates /= np.linalg.norm(variates, axis=0)
    assert found == pytest.approx(correlations(x @ left, y @ right)[0], abs=1e-9)
    np.testing.assert_allclose(np.abs(seen[0]), np.abs(variates.T @ centred), atol=1e-9)


def test_unrelated_layers_look_alike_only_in_the_rows_that_were_fitted():
    x, y = normal(100, 60), normal(100, 70, 1)
    fitted = mean_correlations([x], [y], Fitting(folds=None), None, equal)[0, 0]
    held_out = mean_correlations([x], [y], Fitting(), None, equal)[0, 0]
    assert fitted > 0.7
    assert abs(held_out) < 0.05


def test_of_many_rows_those_of_the_seed_are_compared_with_their_groups():
    x, y = normal(300, 3), normal(300, 4, 1) + normal(300, 1)
    groups, drawn = np.arange(300) // 4, sampled_rows(300, 90, seed=2)
    found = mean_correlations([x], [y], Fitting(most_rows=90, seed=2), groups, equal)[0, 0]
    expected = by_folds(x[drawn], y[drawn], groups[drawn], Fitting(seed=2))
    assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("folds", [None, 5])
def test_a_layer_is_identical_to_any_invertible_map_of_itself(folds):
    x = normal(50, 6)
    maps = [x, 3 + x @ normal(6, 6, 1), np.c_[x, x[:, :2], np.full(50, 0.1)]]
    found = mean_correlations([x], maps, Fitting(folds=folds), None, equal)
    np.testing.assert_allclose(found, 1, atol=1e-9)


def test_a_constant_layer_has_no_value():
    x = normal(20, 3)
    found = mean_correlations([x, np.full((20, 3), 0.1)], [x], Fitting(), None, equal)
    np.testing.assert_array_equal(np.isnan(found), [[False], [True]])


def test_a_layer_that_is_constant_where_it_is_fitted_has_no_value():
    groups = np.repeat([0, 1], 10)
    switch = np.where(groups, 0.1, 0.7)[:, np.newaxis]
    assert np.isnan(mean_correlations([switch], [normal(20, 3)], Fitting(folds=2), groups, equal))


def test_what_does_not_vary_where_it_is_judged_shows_no_correlation():
    """Each word is a dimension of its own: of a word held out whole, nothing can be known."""
    onehot = np.repeat(np.eye(10), 5, axis=0)
    groups = np.repeat(np.arange(10), 5)
    assert mean_correlations([onehot], [onehot], Fitting(), groups, equal)[0, 0] == 0


@pytest.mark.parametrize(("rows", "exists"), [(1, False), (14, False), (15, True)])
def test_folds_of_fewer_than_three_rows_have_no_value(rows, exists):
    found = mean_correlations([normal(rows, 2)], [normal(rows, 2, 1)], Fitting(), None, equal)
    assert np.isfinite(found).all() == exists


def test_cells_are_pairs_of_layers():
    a = [normal(60, dim, dim) for dim in (3, 7)]
    b = [a[1] + normal(60, 7, 1), normal(60, 4, 2), a[0]]
    found = mean_correlations(a, b, Fitting(), None, equal)
    expected = [[by_folds(x, y, np.arange(60), Fitting()) for y in b] for x in a]
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("weighing", [equal, lambda loadings: np.abs(loadings).sum(axis=1)])
def test_layers_that_share_nothing_have_none(weighing):
    """Every product of their columns is zero; what is left is rounding of the fit."""
    x = np.tile([[1.0], [1.0], [-1.0], [-1.0]], (3, 1))
    y = np.tile([[1.0], [-1.0], [1.0], [-1.0]], (3, 1))
    found = mean_correlations([x], [y], Fitting(folds=None), None, weighing)[0, 0]
    assert found == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize(("kept", "rank"), [(0.5, 1), (0.8, 1), (0.81, 2), (0.99, 2), (1.0, 3)])
def test_components_are_kept_until_they_explain_enough(kept, rank):
    columns, _ = np.linalg.qr(normal(30, 4) - normal(30, 4).mean(axis=0))
    x = columns[:, :3] * np.sqrt([0.8, 0.19, 0.01])
    found = whitening(x, kept, 0.0)
    assert found.axes.shape == (3, rank)
    white = found(x)
    np.testing.assert_allclose(white.T @ white, np.eye(rank), atol=1e-12)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kept_variance": 0.0}, "0 < kept variance <= 1"),
        ({"kept_variance": 99.0}, "0 < kept variance <= 1"),
        ({"ridge": -1.0}, "ridge >= 0"),
        ({"folds": 1}, "expected 2 folds or more"),
    ],
)
def test_fittings_that_make_no_sense_are_refused(wrong, message):
    with pytest.raises(MatrixError, match=message):
        Fitting(**wrong)


def test_other_rows_and_groups_of_other_rows_are_refused():
    with pytest.raises(MatrixError, match="layer 0 of b has 5 rows, but layer 0 of a has 6"):
        mean_correlations([np.eye(6)], [np.eye(5)], Fitting(), None, equal)
    with pytest.raises(MatrixError, match="3 groups for 6 rows"):
        mean_correlations([np.eye(6)], [np.eye(6)], Fitting(), [1, 2, 3], equal)
