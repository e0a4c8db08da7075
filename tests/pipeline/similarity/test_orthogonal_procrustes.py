import numpy as np
import pytest
import scipy.linalg
import scipy.spatial

from pipeline.errors import MatrixError
from pipeline.similarity.orthogonal_procrustes import orthogonal_procrustes


def normal(rows, dim, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, dim))


def by_rotating(x, y):
    """Pad the narrower layer with zeros, rotate it as scipy finds best, and take the cosine."""
    width = max(x.shape[1], y.shape[1])
    x, y = (z.astype(np.float64) - z.mean(axis=0, dtype=np.float64) for z in (x, y))
    x, y = (np.pad(z, ((0, 0), (0, width - z.shape[1]))) for z in (x, y))
    rotation, _ = scipy.linalg.orthogonal_procrustes(x, y)
    return np.vdot(x @ rotation, y) / (np.linalg.norm(x) * np.linalg.norm(y))


INPUTS = {
    "many rows": (normal(60, 5), normal(60, 8, 1)),
    "more dimensions than rows": (normal(12, 40), normal(12, 30, 1)),
    "repeated rows": (np.repeat(normal(6, 3), 5, axis=0), np.repeat(normal(6, 4, 1), 5, axis=0)),
    "float16": (normal(30, 4).astype(np.float16), normal(30, 4, 1).astype(np.float32)),
    "two rows": (normal(2, 3), normal(2, 4, 1)),
}


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("case", INPUTS)
def test_values_are_cosines_after_the_best_rotation(case, monkeypatch):
    monkeypatch.setattr("pipeline.similarity.orthogonal_procrustes.BLOCK_ROWS", 7)
    x, y = INPUTS[case]
    assert orthogonal_procrustes([x], [y])[0, 0] == pytest.approx(by_rotating(x, y), abs=1e-12)


def test_the_distance_of_ding_is_a_function_of_it():
    x, y = normal(30, 4), normal(30, 4, 1)
    _, _, squared_sine = scipy.spatial.procrustes(x, y)
    assert orthogonal_procrustes([x], [y])[0, 0] ** 2 == pytest.approx(1 - squared_sine)


def test_identical_layers_have_1_and_constant_ones_no_value():
    x = normal(20, 4)
    found = orthogonal_procrustes([x, np.full((20, 3), 0.1)], [x, 3 - 2 * x])
    np.testing.assert_allclose(found[0], 1, atol=1e-12)
    assert np.isnan(found[1]).all()


def test_other_rows_are_refused():
    with pytest.raises(MatrixError, match="layer 0 of b has 5 rows, but layer 0 of a has 6"):
        orthogonal_procrustes([np.eye(6)], [np.eye(5)])
