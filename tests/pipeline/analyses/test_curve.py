from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from pipeline.analyses import AnalysisRequest, compute_analysis, load_analysis
from pipeline.analyses.analysis import Subject
from pipeline.analyses.curve import CurveSettings, cell_curve
from pipeline.comparison import counts_of
from pipeline.errors import MatrixError, SettingsError
from pipeline.matrices import build_matrices, compared_matrices
from pipeline.similarity.pairing import sampled_rows
from pipeline.similarity.row_settings import RowSettings


def curve(comparison, store, **settings):
    plan = comparison.plan(store)
    request = AnalysisRequest(comparison, "curve", (0, 0), settings=settings)
    compute_analysis(request, plan, store)
    return load_analysis(request, plan, store)


def cka_by_definition(x, y, *, debiased):
    """Compare explicit Gram matrices, U-centred (Székely and Rizzo 2014) or centred."""

    def centred(z):
        n, K = len(z), z.astype(np.float64) @ z.astype(np.float64).T
        if not debiased:
            return K - K.mean(axis=0) - K.mean(axis=1, keepdims=True) + K.mean()
        np.fill_diagonal(K, 0)
        rows = K.sum(axis=1)
        K = K - (rows + rows[:, np.newaxis]) / (n - 2) + K.sum() / ((n - 1) * (n - 2))
        np.fill_diagonal(K, 0)
        return K

    K, L = centred(x), centred(y)
    return (K * L).sum() / np.sqrt((K * K).sum() * (L * L).sum())


def check(found, point, a, b, kept):
    assert found.rows[point] == len(kept)
    for name in ("debiased", "biased"):
        expected = cka_by_definition(a[kept], b[kept], debiased=name == "debiased")
        assert getattr(found, name)[point] == pytest.approx(expected, abs=1e-6)


def test_points_over_rows_are_the_definition_on_samples_from_few_to_all(lookups, store):
    found = curve(lookups, store, draws=2, seed=4)
    a, b = build_matrices(lookups.plan(store), store)
    sizes = sorted(set(found.at[~found.capped].tolist()))
    assert (sizes[0], sizes[-1], len(sizes)) == (50, len(a.rows), 8)
    ratios = np.array(sizes[1:]) / sizes[:-1]
    np.testing.assert_allclose(ratios, (len(a.rows) / 50) ** (1 / 7), rtol=0.02)
    for point in np.flatnonzero(~found.capped):
        lot = np.random.default_rng([4, found.draw[point]]).permutation(len(a.rows))
        check(found, point, a.layers[0], b.layers[0], lot[: found.at[point]])
    assert Counter(found.at[~found.capped].tolist()) == {**dict.fromkeys(sizes, 2), sizes[-1]: 1}
    assert (found.sampled_from, found.row_digest) == (len(a.rows), a.rows.digest)


def test_points_over_caps_have_at_most_so_many_tokens_of_each_type(lookups, store):
    found = curve(lookups, store)
    a, b = build_matrices(lookups.plan(store), store)
    counts = Counter(a.rows.words)
    caps = [1, 2, 5, 10, 20, 50, 100, 104]
    assert sorted(set(found.at[found.capped].tolist())) == caps
    assert max(counts.values()) == 104
    for point in np.flatnonzero(found.capped):
        assert found.rows[point] == sum(min(found.at[point], count) for count in counts.values())
    assert Counter(found.at[found.capped].tolist()) == {**dict.fromkeys(caps, 3), 104: 1}
    check(found, len(found.at) - 1, a.layers[0], b.layers[0], np.arange(len(a.rows)))


def test_with_a_token_a_type_two_random_tables_are_not_alike(lookups, store):
    found = curve(lookups, store, draws=1)
    one_each = np.flatnonzero(found.capped & (found.at == 1))
    assert abs(found.debiased[one_each[0]]) < 0.05
    assert found.debiased[-1] > 0.2
    assert found.biased[one_each[0]] > found.debiased[one_each[0]] + 0.1


def test_more_rows_than_are_wanted_are_sampled_first(lookups, store):
    found = curve(lookups, store, most_rows=200, seed=1)
    a, b = build_matrices(lookups.plan(store), store)
    kept = np.random.default_rng(1).choice(len(a.rows), 200, replace=False)
    check(found, len(found.at) - 1, a.layers[0], b.layers[0], kept)
    largest = max(Counter(a.rows.words[row] for row in kept).values())
    assert (found.rows.max(), found.at[-1], found.sampled_from) == (200, largest, len(a.rows))
    assert (found.drawn_from_text, found.draws) == (f"200 of {len(a.rows)} rows", 3)


def test_of_few_rows_and_of_type_means_there_are_few_points(lookups, store):
    few = curve(lookups, store, most_rows=3)
    assert few.at[~few.capped].tolist() == [3]
    assert np.isnan(few.debiased[0])
    assert not np.isnan(few.biased[0])
    means = curve(replace(lookups, rows=RowSettings(values="type means")), store, draws=1)
    assert means.at[means.capped].tolist() == [1]
    assert means.rows[means.capped].tolist() == [92]


def test_a_value_that_is_not_finite_is_named_by_its_row_though_that_is_not_drawn(lookups, store):
    plan = lookups.plan(store)
    matrices = compared_matrices(plan, store, layers=(0, 0))
    row = next(
        row
        for row in range(len(matrices.b.rows))
        if row not in sampled_rows(len(matrices.b.rows), 200, 0)
    )
    bad = np.array(matrices.b.layers[0])
    bad[row, 0] = np.nan
    matrices = replace(matrices, b=replace(matrices.b, layers=(bad,)))
    subject = Subject(plan, matrices, (("0",), ("0",)), "debiased", counts_of(plan, matrices), {})
    with pytest.raises(MatrixError, match=rf"layer 0 of b, row {row} \(counted from 0\)"):
        cell_curve(subject, CurveSettings(most_rows=200))


@pytest.mark.parametrize("wrong", [{"draws": 0}, {"most_rows": 0}])
def test_nothing_is_no_sample(lookups, store, wrong):
    with pytest.raises(SettingsError, match="expected at least 1 draw and 1 row"):
        curve(lookups, store, **wrong)
