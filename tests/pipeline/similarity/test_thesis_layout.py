import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import MatrixError
from pipeline.similarity.matrix_file import open_scores, read_scores
from pipeline.similarity.result import Counts, SimilarityResult
from pipeline.similarity.score_matrix import ScoreMatrix
from pipeline.similarity.thesis_layout import (
    models_of_file_name,
    thesis_file_name,
    thesis_json,
)

FILES = (
    "cka_bert-base-uncased_bert-base-uncased.json",
    "cka_bert-base-uncased_encodecmae_base.json",
    "cka_encodecmae_base_encodecmae_base.json",
    "cka_glove_wav2vec2.json",
    "cka_wav2vec2_bert-base-uncased.json",
    "cka_wav2vec2_encodecmae_base.json",
    "cka_wav2vec2_large_960_bert-base-uncased.json",
    "cka_wav2vec2_wav2vec2.json",
)

shapes = st.tuples(st.integers(1, 4), st.integers(1, 4))
values = st.floats(-1, 1) | st.just(np.nan)


def numbered(layers):
    return tuple(f"layer {layer + 1}" for layer in range(layers))


def a_result(scores, model_a="one", model_b="two"):
    rows, columns = scores.shape
    return SimilarityResult(
        scores=scores,
        estimator="biased",
        chance=np.zeros(scores.shape),
        chance_sd=np.ones(scores.shape),
        model_a=model_a,
        model_b=model_b,
        layer_names_a=numbered(rows),
        layer_names_b=numbered(columns),
        counts=Counts(rows=10, tokens=10, types=5, speakers=2, utterances=3, left_out=0),
        row_digest="0" * 64,
    )


def test_rows_are_the_layers_of_the_second_model():
    text = thesis_json(a_result(np.array([[0.1, 0.2, np.nan], [0.4, 0.5, 0.6]])))
    assert json.loads(text) == [[0.1, 0.4], [0.2, 0.5], [None, 0.6]]


def test_one_layer_of_the_first_model_is_a_list_of_numbers():
    assert json.loads(thesis_json(a_result(np.array([[0.1, 0.2, 0.3]])))) == [0.1, 0.2, 0.3]
    assert json.loads(thesis_json(a_result(np.array([[0.1], [0.2]])))) == [[0.1, 0.2]]


@given(st.data(), shapes)
def test_what_is_written_is_read_with_every_digit(data, shape):
    cells = st.lists(values, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1])
    result = a_result(np.array(data.draw(cells)).reshape(shape))
    name = thesis_file_name(result.model_a, result.model_b)
    found = read_scores(thesis_json(result).encode(), name).transposed()
    np.testing.assert_array_equal(found.scores, result.scores)
    # The study's layout says nothing of rows.
    unsaid = {"scores": None, "rows": None, "row_digest": None}
    assert vars(found) | {"scores": None} == vars(ScoreMatrix.of(result, name)) | unsaid


@pytest.mark.parametrize("file_name", FILES)
def test_files_of_the_study_are_written_as_they_are(shared, file_name):
    path = shared / "thesis" / file_name
    if not path.exists():
        pytest.skip("needs the matrices of the original study")
    first_by_second = open_scores(path).transposed()
    assert thesis_json(first_by_second) == path.read_text(encoding="utf-8")
    assert thesis_file_name(first_by_second.model_a, first_by_second.model_b) == file_name


@pytest.mark.parametrize(
    ("file_name", "models"),
    [
        ("cka_wav2vec2_wav2vec2.json", ("wav2vec2", "wav2vec2")),
        ("cka_encodecmae_base_encodecmae_base.json", ("encodecmae_base", "encodecmae_base")),
        (
            "cka_wav2vec2_large_960_bert-base-uncased.json",
            ("wav2vec2_large_960", "bert-base-uncased"),
        ),
        ("cka_wav2vec2_wav2vec2_large_960.json", ("wav2vec2", "wav2vec2_large_960")),
        ("cka_glove_BEATs_iter3.json", ("glove", "BEATs_iter3")),
        ("CKA_mine_yours.JSON", ("mine", "yours")),
        ("cka_a.b_c-1.5.json", ("a.b", "c-1.5")),
    ],
)
def test_names_are_split_between_known_models_or_where_only_one_split_is(file_name, models):
    assert models_of_file_name(file_name) == models


def test_more_models_may_be_known():
    known = ("hubert", "hubert_large", "my_model")
    assert models_of_file_name("cka_hubert_large_my_model.json", known) == (
        "hubert_large",
        "my_model",
    )


@pytest.mark.parametrize(
    ("file_name", "known", "ways"),
    [
        ("cka_hubert_my_model.json", ("hubert",), "hubert and my_model, or hubert_my and model;"),
        ("cka_a_b_c.json", ("a", "a_b", "b_c", "c"), "a and b_c, or a_b and c;"),
        ("cka_a_b_c_d_e.json", (), "a and b_c_d_e, or a_b and c_d_e, or a_b_c and d_e, ...;"),
    ],
)
def test_a_name_that_can_be_split_in_several_ways_is_refused(file_name, known, ways):
    with pytest.raises(MatrixError, match=f"{file_name}: the models may be {ways} say which"):
        models_of_file_name(file_name, known)


@pytest.mark.parametrize(
    "file_name", ["scores.json", "cka_one.json", "cka_one_.json", "cka__.json", "cka_a_b.txt", ""]
)
def test_a_name_that_tells_no_models_is_refused(file_name):
    with pytest.raises(MatrixError, match=r"expected a name like cka_FIRST_SECOND\.json"):
        models_of_file_name(file_name)


@given(st.text(), st.text())
def test_no_model_leads_out_of_a_folder(first, second):
    name = thesis_file_name(first, second)
    assert not set(name) & set('/\\:*?"<>|\0\n')
    assert name not in (".", "..")
