import json

import numpy as np
import pytest

from pipeline.similarity.export import as_json
from pipeline.similarity.result import Counts, SimilarityResult

BERT_WAV2VEC2 = "cka_wav2vec2_bert-base-uncased.json"


@pytest.fixture
def thesis(shared):
    folder = shared / "thesis"
    if not (folder / BERT_WAV2VEC2).exists():
        pytest.skip("needs the matrices of the original study")
    return folder


def write(path, values):
    path.write_text(json.dumps(values), encoding="utf-8")
    return path


@pytest.fixture
def study(tmp_path):
    """Two layers of the second model, three of the first."""
    return write(tmp_path / "cka_first_second.json", [[0.1, 0.25, 0.3], [0.4, None, -0.5]])


@pytest.fixture
def own(tmp_path):
    """The same pair with the layer that goes into the first block, the other way round."""
    scores = np.array([[0.9, 0.9, 0.9], [0.9, 0.1, 0.4], [0.9, 0.2, 0.7], [0.9, 0.5, -0.5]])
    result = SimilarityResult(
        scores=scores,
        estimator="biased",
        chance=np.zeros((4, 3)),
        chance_sd=np.ones((4, 3)),
        model_a="mine:first",
        model_b="mine:second",
        layer_names_a=tuple(f"{k}: first" for k in range(4)),
        layer_names_b=tuple(f"{k}: second" for k in range(3)),
        counts=Counts(10, 10, 5, 2, 3, 1),
        row_digest="abc",
    )
    path = tmp_path / "own.json"
    path.write_text(as_json(result), encoding="utf-8")
    return path


def test_show_names_models_extremes_and_every_score(run, study):
    status, out, _ = run("scores", "show", study)
    assert status == 0
    assert out.splitlines() == [
        f"second (rows, 2 layers) x first (columns, 3 layers) of {study}",
        "maximum 0.4000 at (2, 1): second layer 2, first layer 1",
        "minimum -0.5000 at (2, 3): second layer 2, first layer 3",
        "",
        "           1      2      3",
        "    1  0.100  0.250  0.300",
        "    2  0.400   none -0.500",
    ]


def test_show_as_json(run_json, study):
    status, told = run_json("scores", "show", study)
    assert status == 0
    assert told["scores"] == [[0.1, 0.25, 0.3], [0.4, None, -0.5]]
    assert told["shape"] == [2, 3]
    place = {"row": 2, "column": 1, "layer1": "layer 2", "layer2": "layer 1"}
    assert told["maximum"] == {"score": 0.4, **place}
    assert told["minimum"] == {"score": -0.5, **place, "column": 3, "layer2": "layer 3"}


@pytest.mark.parametrize(
    ("file_name", "models", "score", "place"),
    [
        (BERT_WAV2VEC2, ["bert-base-uncased", "wav2vec2"], 0.3026, (4, 7)),
        (
            "cka_wav2vec2_large_960_bert-base-uncased.json",
            ["bert-base-uncased", "wav2vec2_large_960"],
            *(0.3389, (4, 13)),
        ),
        (
            "cka_bert-base-uncased_encodecmae_base.json",
            ["encodecmae_base", "bert-base-uncased"],
            *(0.2287, (10, 4)),
        ),
        (
            "cka_wav2vec2_encodecmae_base.json",
            ["encodecmae_base", "wav2vec2"],
            *(0.6949, (6, 1)),
        ),
        ("cka_glove_wav2vec2.json", ["wav2vec2", "glove"], 0.1827, (7, 1)),
        ("cka_wav2vec2_wav2vec2.json", ["wav2vec2", "wav2vec2"], 1.0, (1, 1)),
    ],
)
def test_the_study_is_shown_with_the_maxima_it_reports(
    run_json, thesis, file_name, models, score, place
):
    _, told = run_json("scores", "show", thesis / file_name)
    assert [told["model1"], told["model2"]] == models
    maximum = told["maximum"]
    assert maximum["score"] == pytest.approx(score, abs=5e-5)
    assert (maximum["row"], maximum["column"]) == place


@pytest.mark.parametrize(
    ("file_name", "score", "place"),
    [
        (BERT_WAV2VEC2, 0.062, (12, 11)),
        ("cka_wav2vec2_large_960_bert-base-uncased.json", 0.046, (1, 23)),
        ("cka_wav2vec2_wav2vec2.json", 0.338, (11, 5)),
        ("cka_bert-base-uncased_bert-base-uncased.json", 0.429, (1, 11)),
        ("cka_wav2vec2_encodecmae_base.json", 0.115, (2, 11)),
        ("cka_glove_wav2vec2.json", 0.0448, (11, 1)),
    ],
)
def test_the_study_is_shown_with_the_minima_it_reports(run_json, thesis, file_name, score, place):
    _, told = run_json("scores", "show", thesis / file_name)
    found = told["scores"][place[0] - 1][place[1] - 1]
    assert told["minimum"]["score"] == pytest.approx(found, abs=1e-9)
    assert found == pytest.approx(score, abs=5e-4)


def test_ones_own_result_is_compared_with_the_study(run, run_json, own, study):
    arguments = ("scores", "compare", own, study, "--transpose", "--skip1", 1, 1)
    status, told = run_json(*arguments)
    assert status == 0
    # own without its first layers, minus the study's first x second
    np.testing.assert_allclose(
        np.array(told["difference"], dtype=float),
        np.array([[0.1, 0.4], [0.2, 0.7], [0.5, -0.5]])
        - np.array([[0.1, 0.4], [0.25, np.nan], [0.3, -0.5]]),
    )
    assert (told["compared"], told["left_out"]) == (5, 1)
    assert told["maximum_one_at"] == {
        "row": 2,
        "column": 2,
        "layer1": "2: first",
        "layer2": "2: second",
    }
    assert told["layers_apart"] == [1, 0]
    _, out, _ = run(*arguments)
    lines = out.splitlines()
    assert lines[0] == f"1: mine:first (rows, 3 layers) x mine:second (columns, 2 layers) of {own}"
    assert lines[2].split(maxsplit=2)[2] == "5, 1 without a value left out"
    assert lines[3].endswith(
        "+0.2000 (1 minus 2) at (3, 1): mine:first 3: first, mine:second 1: second"
    )
    assert lines[7].split(maxsplit=3)[3].startswith("0.7000 at (2, 2)")
    assert lines[9].split() == ["maxima", "are", "apart", "1", "rows,", "0", "columns"]


def test_a_matrix_of_the_study_agrees_with_itself(run, thesis):
    file = thesis / BERT_WAV2VEC2
    _, out, _ = run("scores", "compare", file, file)
    assert "144, 0 without a value left out" in out
    assert "mean absolute          0.0000\n" in out
    assert "Pearson's correlation  1.0000\n" in out


def test_layers_that_only_one_has_are_told_with_what_to_do(run, own, study):
    status, out, err = run("scores", "compare", own, study, "--transpose")
    assert (status, out) == (1, "")
    assert "has 4 of mine:first in its rows and 3 of mine:second in its columns" in err
    assert "leave out the first layers" in err
    status, _, err = run("scores", "compare", own, study, "--skip1", 4, 0)
    assert status == 1
    assert "4 and 0 first layers cannot be left out of 4 x 3" in err


def test_models_the_other_way_round_need_transpose(run, tmp_path, study):
    turned = write(tmp_path / "cka_second_first.json", [[0.1, 0.4], [0.2, None], [0.3, -0.5]])
    status, _, err = run("scores", "compare", study, turned)
    assert status == 1
    assert "the other way round; transpose one of them" in err
    assert run("scores", "compare", study, turned, "--transpose")[0] == 0


def test_models_are_named_where_the_file_does_not_tell(run, run_json, tmp_path):
    one = write(tmp_path / "cka_a_b_c.json", [[0.1, 0.2]])
    status, _, err = run("scores", "show", one)
    assert status == 1
    assert "the models may be a and b_c, or a_b and c; say which" in err
    _, told = run_json("scores", "show", one, "--models", "a_b", "c")
    assert (told["model1"], told["model2"]) == ("c", "a_b")
    _, told = run_json(
        "scores", "compare", one, one, "--models1", "a_b", "c", "--models2", "x", "y"
    )
    assert (told["one"]["model1"], told["other"]["model1"]) == ("c", "y")


def test_nothing_to_compare_is_said(run, tmp_path):
    empty = write(tmp_path / "cka_a_b.json", [[None]])
    status, out, _ = run("scores", "compare", empty, empty)
    assert status == 0
    assert "cells compared         0, 1 without a value left out" in out
    assert "maximum of 1           none: no cell has a value" in out
    assert "nan" not in out
    assert "maximum none" in run("scores", "show", empty)[1]


def test_a_file_that_is_no_matrix_is_one_line_on_standard_error(run, tmp_path):
    path = write(tmp_path / "cka_a_b.json", [[0.1, 0.2], [0.3]])
    status, out, err = run("scores", "show", path)
    assert (status, out) == (1, "")
    assert err == (f"error: {path}: expected 2 values in row 2 of the file, as in row 1, found 1\n")
