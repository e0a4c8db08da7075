from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from pipeline.analyses import AnalysisRequest, compute_analysis, load_analysis
from pipeline.matrices import build_matrices
from pipeline.similarity.cka import cka
from pipeline.similarity.row_settings import RowSettings

BOTH = pytest.mark.parametrize("estimator", ["debiased", "biased"])


def centred_kernel(x, estimator):
    """Centre a kernel as the estimator does, with all of its entries."""
    n, x = len(x), x.astype(np.float64)
    K = x @ x.T
    if estimator == "biased":
        return K - K.mean(axis=0) - K.mean(axis=1, keepdims=True) + K.mean()
    np.fill_diagonal(K, 0)
    rows = K.sum(axis=1)
    K = K - (rows + rows[:, np.newaxis]) / (n - 2) + K.sum() / ((n - 1) * (n - 2))
    np.fill_diagonal(K, 0)
    return K


def by_definition(x, y, labels, estimator):
    """Return each label's share of CKA."""
    K, L = centred_kernel(x, estimator), centred_kernel(y, estimator)
    rows = (K * L).sum(axis=1) / np.sqrt((K * K).sum() * (L * L).sum())
    labels = np.array(labels)
    return {name: rows[labels == name].sum() for name in sorted(set(labels.tolist()))}


def shares(comparison, store, estimator="debiased"):
    plan = comparison.plan(store)
    request = AnalysisRequest(comparison, "shares", (0, 0), estimator)
    compute_analysis(request, plan, store)
    return load_analysis(request, plan, store)


def less_means(layer, labels):
    labels = np.array(labels)
    means = {name: layer[labels == name].mean(axis=0) for name in set(labels.tolist())}
    return layer - np.array([means[name] for name in labels.tolist()])


@BOTH
def test_types_and_speakers_have_the_row_sums_of_centred_kernels(lookups, store, estimator):
    found = shares(lookups, store, estimator)
    a, b = build_matrices(lookups.plan(store), store)
    words, speakers = (
        by_definition(a.layers[0], b.layers[0], labels, estimator)
        for labels in (a.rows.words, a.rows.speakers)
    )
    assert found.names == list(words)
    assert found.speaker_names == list(speakers)
    np.testing.assert_allclose(found.shares, list(words.values()), atol=1e-9)
    np.testing.assert_allclose(found.speaker_shares, list(speakers.values()), atol=1e-9)
    assert dict(zip(found.names, found.counts, strict=True)) == Counter(a.rows.words)
    assert dict(zip(found.speaker_names, found.speaker_counts, strict=True)) == Counter(
        a.rows.speakers
    )
    assert found.value == pytest.approx(cka(a.layers, b.layers, estimator)[0, 0])
    assert (found.estimator, found.row_digest) == (estimator, a.rows.digest)


@pytest.mark.parametrize(
    ("values", "model_b"), [("within type", "speaker"), ("within speaker", "lookup?seed=2")]
)
def test_shares_are_of_what_is_compared_of_the_tokens(lookups, store, values, model_b):
    comparison = replace(lookups, model_a="control:duration", model_b=f"control:{model_b}")
    found = shares(replace(comparison, rows=RowSettings(values=values)), store)
    a, b = build_matrices(comparison.plan(store), store)
    labels = a.rows.words if values == "within type" else a.rows.speakers
    x, y = (less_means(matrix.layers[0].astype(np.float64), labels) for matrix in (a, b))
    expected = by_definition(x, y, a.rows.words, "debiased")
    np.testing.assert_allclose(found.shares, list(expected.values()), atol=1e-6)


def test_a_type_mean_is_one_row_and_no_one_speakers(lookups, store):
    found = shares(replace(lookups, rows=RowSettings(values="type means")), store)
    a, b = build_matrices(lookups.plan(store), store)
    words = np.array(a.rows.words)
    x, y = (
        np.array([m.layers[0][words == name].mean(axis=0) for name in found.names]) for m in (a, b)
    )
    expected = by_definition(x, y, found.names, "debiased")
    assert found.names == sorted(set(a.rows.words))
    np.testing.assert_allclose(found.shares, list(expected.values()), atol=1e-6)
    assert set(found.counts.tolist()) == {1}
    assert found.speaker_names == []
    assert len(found.speaker_shares) == len(found.speaker_counts) == 0
