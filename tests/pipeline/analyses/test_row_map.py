import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.decomposition import PCA

from pipeline.analyses import AnalysisRequest, compute_analysis, load_analysis
from pipeline.errors import SettingsError
from pipeline.matrices import build_matrices
from pipeline.similarity.row_selection import RowSelection
from pipeline.similarity.row_settings import RowSettings


def row_map(comparison, store, layers=(0, 0), **settings):
    plan = comparison.plan(store)
    request = AnalysisRequest(comparison, "map", layers, settings=settings)
    compute_analysis(request, plan, store)
    return load_analysis(request, plan, store)


def test_components_are_those_of_scikit_learn(lookups, store):
    found = row_map(lookups, store)
    for matrix, places, explained in zip(
        build_matrices(lookups.plan(store), store),
        (found.a, found.b),
        (found.explained_a, found.explained_b),
        strict=True,
    ):
        expected = PCA(2, svd_solver="full").fit(matrix.layers[0].astype(np.float64))
        np.testing.assert_allclose(explained, expected.explained_variance_ratio_)
        projected = expected.transform(matrix.layers[0].astype(np.float64))
        np.testing.assert_allclose(np.abs(places), np.abs(projected), atol=1e-9)
        # An axis points to where its largest entry is positive.
        largest = np.abs(expected.components_).argmax(axis=1)
        signs = np.sign(expected.components_[[0, 1], largest])
        np.testing.assert_allclose(places, projected * signs, atol=1e-9)


def test_a_sample_is_of_the_same_rows_in_both_and_named(lookups, store):
    found = row_map(replace(lookups, model_b=lookups.model_a), store, most_rows=50, seed=3)
    np.testing.assert_array_equal(found.a, found.b)
    rows = build_matrices(lookups.plan(store), store)[0].rows
    kept = np.sort(np.random.default_rng(3).choice(len(rows), 50, replace=False)).tolist()
    assert found.words == [rows.words[row] for row in kept]
    assert found.utterances == [rows.utterances[row] for row in kept]
    assert found.start_s.tolist() == rows.start[kept].tolist()
    assert (found.sampled_from, found.method, found.row_digest) == (len(rows), "pca", rows.digest)
    assert len(found.a) == 50


def test_one_dimension_is_one_axis_and_its_length_is_kept(lookups, store):
    durations = replace(lookups, model_a="control:duration", model_b="control:duration")
    found = row_map(durations, store)
    rows = build_matrices(durations.plan(store), store)[0].rows
    length_s = (rows.end - rows.start).astype(np.float32).astype(np.float64)
    np.testing.assert_allclose(found.a[:, 0], length_s - length_s.mean(), atol=1e-9)
    assert not found.a[:, 1].any()
    assert found.explained_a.tolist() == [1, 0]


def test_where_nothing_varies_all_rows_are_at_one_point(lookups, store):
    within = RowSettings(values="within type")
    found = row_map(replace(lookups, model_a="control:onehot", rows=within), store)
    assert not found.a.any()
    assert np.isnan(found.explained_a).all()


class FakeUmap:
    """Stands in for UMAP: the first two columns, in float32 as UMAP's are."""

    def __init__(self, **settings):
        assert settings == {"n_components": 2, "random_state": 5, "n_jobs": 1}

    def fit_transform(self, values):
        return values[:, :2].astype(np.float32)


def test_umap_is_given_the_centred_rows_and_a_seed(lookups, store, monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", SimpleNamespace(UMAP=FakeUmap))
    found = row_map(lookups, store, method="umap", seed=5)
    layer = build_matrices(lookups.plan(store), store)[1].layers[0].astype(np.float64)
    np.testing.assert_allclose(found.b, (layer - layer.mean(axis=0))[:, :2], atol=1e-6)
    assert np.isnan(found.explained_b).all()
    assert found.method == "umap"


@pytest.mark.filterwarnings("ignore:Tensorflow not installed:ImportWarning")
def test_words_whose_vectors_lie_far_apart_stay_apart_by_umap(lookups, store):
    """By the package itself; a table gives all tokens of a word one vector, far from the other."""
    rows = RowSettings(selection=RowSelection(vocabulary=("a", "the")))
    found = row_map(replace(lookups, rows=rows), store, method="umap")
    words = np.array(found.words)
    assert set(words) == {"a", "the"}
    for places in (found.a, found.b):
        distances = np.linalg.norm(places[:, None] - places, axis=-1)
        alike = words[:, None] == words
        assert distances[alike].max() < distances[~alike].min()


@pytest.mark.filterwarnings("ignore:Tensorflow not installed:ImportWarning")
def test_umap_of_fewer_rows_than_it_can_lay_out_is_refused(lookups, store):
    with pytest.raises(SettingsError, match="UMAP needs at least 4 rows, found 3; choose pca"):
        row_map(lookups, store, method="umap", most_rows=3)


def test_without_the_package_it_is_said_how_to_get_it(lookups, store, monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(SettingsError, match="run pip install umap-learn, or choose pca"):
        row_map(lookups, store, method="umap")


@pytest.mark.usefixtures("unchecked_types")
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"most_rows": 2}, "expected at least 3 rows on a map, found 2"),
        ({"method": "tsne"}, "a map is made by pca, umap, not by 'tsne'"),
    ],
)
def test_what_makes_no_map_is_refused(lookups, store, wrong, said):
    with pytest.raises(SettingsError, match=said):
        row_map(lookups, store, **wrong)
