import numpy as np

from pipeline.similarity import grid
from pipeline.similarity.cka import cka
from pipeline.similarity.cross_statistics import cross_statistics
from pipeline.similarity.significance import chance

RNG = np.random.default_rng(0)
A = [RNG.normal(size=(25, dim)).astype(np.float32) for dim in (3, 40)] + [np.ones((25, 2))]
B = [RNG.normal(size=(25, dim)) for dim in (6, 4)]


def test_everything_is_what_each_function_gives():
    found, statistics = grid.similarity_of_layers(A, B), cross_statistics(A, B)
    np.testing.assert_array_equal(found.debiased, cka(A, B))
    np.testing.assert_array_equal(found.biased, cka(A, B, "biased"))
    np.testing.assert_array_equal(found.chance_biased, chance(statistics, "biased").mean)
    np.testing.assert_array_equal(found.chance_sd_biased, chance(statistics, "biased").sd)
    np.testing.assert_array_equal(found.chance_sd_debiased, chance(statistics, "debiased").sd)
    assert found.rows == 25


def test_the_vectors_are_read_in_one_pass(monkeypatch):
    calls = []

    def counted(a, b, device):
        calls.append((a, b))
        return cross_statistics(a, b, device=device)

    monkeypatch.setattr(grid, "cross_statistics", counted)
    grid.similarity_of_layers(A, B)
    assert len(calls) == 1
