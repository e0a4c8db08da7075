import json

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

PAIR = ["--corpus", "demo", "--model1", "minilm", "--layer1", 3]
PAIR += ["--model2", "s3prl:fbank", "--layer2", 0]


@pytest.fixture
def explain(run, tmp_path):
    """Return a function that asks, and gives the text and what was written."""

    def ask(*arguments):
        out = tmp_path / "new" / "found.json"
        status, text, err = run("explain", arguments[0], *PAIR, *arguments[1:], "--out", out)
        assert status == 0, err
        return text, json.loads(out.read_text(encoding="utf-8"))

    return ask


def exported(run, tmp_path, model, layer):
    out = tmp_path / "layer.npy"
    run("matrix", "--corpus", "demo", "--model", model, "--layer", layer, "--out", out)
    table = np.genfromtxt(
        out.with_suffix(".rows.csv"), delimiter=",", names=True, dtype=None, encoding="utf-8"
    )
    return np.load(out), table


def scores(run_json, tmp_path, estimator):
    pair = [*PAIR, "--estimator", estimator, "--out", tmp_path / "cka.json"]
    return run_json("cka", *pair)[1]["scores"][0][0]


@pytest.mark.parametrize("estimator", ["debiased", "biased"])
def test_shares_add_up_to_the_score_that_cka_writes(explain, run_json, tmp_path, estimator):
    text, found = explain("shares", "--estimator", estimator)
    expected = scores(run_json, tmp_path, estimator)
    assert sum(found["shares"]) == pytest.approx(expected)
    assert sum(found["speaker_shares"]) == pytest.approx(expected)
    assert f"{estimator} CKA {expected:.4f} over {sum(found['counts'])} rows" in text
    assert found["layer1"].startswith("3: ")
    assert found["provenance"]["model_b"]["name"] == "s3prl:fbank"


def test_neighbours_are_those_of_the_exported_matrix(explain, run, tmp_path):
    text, found = explain("neighbours", "--word", "Horse", "--token", 2, "--k", 6)
    layer, table = exported(run, tmp_path, "s3prl:fbank", 0)
    row = np.flatnonzero(table["word"] == "horse")[2]
    near = NearestNeighbors(n_neighbors=7, metric="cosine").fit(layer.astype(np.float64))
    (rows,) = near.kneighbors(layer[[row]].astype(np.float64), return_distance=False)
    tokens = list(zip(found["utterances"], found["indices"], found["words"], strict=True))
    assert [tokens[place] for place in [0, *found["nearest_b"]]] == [
        tuple(token) for token in table[["utterance", "index", "word"]][rows].tolist()
    ]
    utterance, index, _ = tokens[0]
    assert f"horse ({utterance}, word {index}): " in text


def test_a_curve_ends_at_the_scores_that_cka_writes(explain, run_json, tmp_path):
    _, found = explain("curve", "--draws", 1)
    ends = [found["capped"].index(True) - 1, -1]
    for estimator in ("debiased", "biased"):
        expected = scores(run_json, tmp_path, estimator)
        assert [found[estimator][end] for end in ends] == pytest.approx([expected] * 2)


def test_a_map_is_of_the_exported_matrix(explain, run, tmp_path):
    text, found = explain("map", "--most-rows", 9000)
    layer, table = exported(run, tmp_path, "minilm", 3)
    expected = PCA(2, svd_solver="full").fit(layer.astype(np.float64))
    np.testing.assert_allclose(found["explained_a"], expected.explained_variance_ratio_)
    assert found["words"] == table["word"].tolist()
    assert f"{len(table)} of {len(table)} rows in the plane" in text


def test_what_was_asked_before_is_not_computed_again(explain, monkeypatch):
    first = explain("curve", "--draws", 1)
    monkeypatch.delattr("pipeline.commands.explain.compute_analysis")
    assert explain("curve", "--draws", 1) == first


def test_without_a_file_it_is_only_said(run_json, tmp_path):
    status, found = run_json("explain", "map", *PAIR)
    assert status == 0
    assert len(found["a"]) == len(found["words"])
    assert not list(tmp_path.glob("*.json"))


def test_layers_and_words_that_do_not_exist_are_refused(run):
    status, _, err = run("explain", "curve", *PAIR, "--layer2", 3)
    assert status == 1
    assert err.splitlines()[-1] == "error: s3prl:fbank has layers 0 to 0; there is no 3"
    status, _, err = run("explain", "neighbours", *PAIR, "--word", "hors")
    assert status == 1
    assert "error: no row is of the word 'hors'; there are horse" in err


def test_a_cell_is_calibrated_with_what_was_asked_for(explain):
    counts = ["--permutations", 30, "--draws", 20, "--splits", 2, "--seed", 3]
    text, found = explain("calibration", "--most-per-type", 4, *counts)
    null = found["type_null"]
    assert (null["permutations"], null["seed"], found["interval"]["draws"]) == (30, 3, 20)
    assert (
        null["rows"]
        == found["counts"]["rows"]
        < found["counts"]["rows"] + found["counts"]["unselected"]
    )
    assert f"by words alone          {null['mean']:.4f} ± {null['sd']:.4f}" in text
    assert found["provenance"]["rows"]["selection"]["most_per_type"] == 4


def test_the_ceiling_can_be_of_halves_of_speakers_and_says_so(explain):
    few = ("--permutations", 20, "--draws", 20, "--splits", 2)
    text, found = explain("calibration", *few, "--halves", "speakers")
    assert found["split_half"]["halves"] == found["settings"]["halves"] == "speakers"
    assert "debiased, over types, by halves of speakers of" in text
    assert "debiased, over types, by halves of tokens of" in explain("calibration", *few)[0]


def test_types_exchange_vectors_within_their_frequency_where_that_is_asked_for(explain):
    few = ["--permutations", 30, "--draws", 20, "--splits", 2]
    text, found = explain("calibration", *few, "--within", "frequency")
    null, free = found["type_null"], explain("calibration", *few)[1]["type_null"]
    assert (null["within"], found["settings"]["within"]) == ("frequency", "frequency")
    assert free["within"] == "all"
    assert null["mean"] != free["mean"]
    assert f"{null['mean']:.4f} ± {null['sd']:.4f} (types of about one frequency)" in text


def test_all_cells_are_judged_at_once_without_naming_a_layer(run, tmp_path):
    pair = ["--corpus", "demo", "--model1", "control:duration", "--model2", "control:lookup"]
    out = tmp_path / "nulls.json"
    status, text, _ = run("explain", "nulls", *pair, "--permutations", 40, "--out", out)
    assert status == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert np.shape(found["p_of_all"]) == (2, 1)
    marked = int((np.array(found["p_of_all"]) <= 0.05).sum())
    assert f"{marked} of 2 cells stand out" in text
    within = ["--permutations", 40, "--within", "frequency", "--out", out]
    status, text, _ = run("explain", "nulls", *pair, *within)
    assert status == 0
    assert "(40 permutations within frequency, family-wise 0.05)" in text
    assert json.loads(out.read_text(encoding="utf-8"))["within"] == "frequency"
