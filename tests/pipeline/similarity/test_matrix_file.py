import json
from dataclasses import replace

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from pipeline.errors import MatrixError
from pipeline.similarity.export import as_json
from pipeline.similarity.matrix_file import MOST_BYTES, MOST_LAYERS, open_scores, read_scores
from pipeline.similarity.result import Counts, SimilarityResult

EXPORT = {
    "model1": "m",
    "model2": "n",
    "layers1": ["0: in", "1: out"],
    "layers2": ["0: in"],
    "scores": [[0.5], [None]],
}


def outcome(content):
    """Return the scores in a file's content, and what is wrong with it."""
    try:
        return read_scores(content, "cka_a_b.json").scores, None
    except MatrixError as error:
        return None, str(error)


def studied(values, name="cka_first_second.json", models=None):
    return read_scores(json.dumps(values).encode(), name, models)


def test_a_file_of_the_study_has_the_second_model_in_its_rows():
    matrix = studied([[0.1, 0.2, 0.3], [0.4, None, -0.6]], "folder/cka_first_second.json")
    np.testing.assert_array_equal(matrix.scores, [[0.1, 0.2, 0.3], [0.4, np.nan, -0.6]])
    assert (matrix.model_a, matrix.model_b) == ("second", "first")
    assert matrix.layer_names_a == ("layer 1", "layer 2")
    assert matrix.layer_names_b == ("layer 1", "layer 2", "layer 3")
    assert matrix.source == "folder/cka_first_second.json"


def test_a_list_of_numbers_is_the_one_layer_of_the_first_model():
    matrix = studied([0.1, 0.2, 0.3], "cka_glove_wav2vec2.json")
    np.testing.assert_array_equal(matrix.scores, [[0.1], [0.2], [0.3]])
    assert (matrix.model_a, matrix.model_b) == ("wav2vec2", "glove")


def test_models_may_be_given():
    matrix = studied([[1, 0]], "upload.json", ("columns", "rows"))
    assert (matrix.model_a, matrix.model_b) == ("rows", "columns")
    with pytest.raises(MatrixError, match=r"upload\.json: expected a name like"):
        studied([[1, 0]], "upload.json")


@pytest.mark.parametrize("name", ["m" * 201, "\x1b[2J", "a\nb"])
def test_models_of_a_file_of_the_study_have_names_that_can_be_shown(name):
    for models, file_name in ((("x", name), "y.json"), (None, f"cka_{name}_x.json")):
        with pytest.raises(MatrixError, match=r"at most 200 printable .* in the models' names"):
            studied([[1]], file_name, models)


def test_an_export_is_read_with_every_digit_and_its_labels(tmp_path):
    scores = np.array([[0.123456789012345, np.nan, -0.001], [0.5, 1.0 + 2e-16, 0.25]])
    result = SimilarityResult(
        scores=scores,
        estimator="debiased",
        chance=np.zeros((2, 3)),
        chance_sd=np.full((2, 3), 0.01),
        model_a="s3prl:one",
        model_b='<b>"two"</b>',
        layer_names_a=("0: in", "1: out"),
        layer_names_b=("0: a", "1: b", "2: c, d"),
        counts=Counts(10, 10, 5, 2, 3, 1),
        row_digest="abc",
    )
    path = tmp_path / "any name.json"
    path.write_text(as_json(result), encoding="utf-8")
    matrix = open_scores(path)
    np.testing.assert_array_equal(matrix.scores, scores)
    assert (matrix.model_a, matrix.model_b) == ("s3prl:one", '<b>"two"</b>')
    assert matrix.layer_names_a == result.layer_names_a
    assert matrix.layer_names_b == result.layer_names_b
    assert matrix.source == str(path)
    assert (matrix.row_digest, matrix.rows) == ("abc", 10)
    sampled = replace(result, measure="rsa", measure_settings={"most_rows": 4, "seed": 0})
    assert read_scores(as_json(sampled).encode(), "x.json").rows == 4


def test_an_export_may_say_nothing_of_its_rows_but_nothing_odd():
    export = {"model1": "a", "model2": "b", "layers1": ["0"], "layers2": ["1"], "scores": [[0.5]]}
    bare = read_scores(json.dumps(export).encode(), "x.json")
    assert (bare.row_digest, bare.rows) == (None, None)
    before = read_scores(json.dumps(export | {"counts": {"rows": 7}}).encode(), "x.json")
    assert before.rows == 7
    for odd in ({"rows_measured": "7"}, {"rows_measured": True}, {"counts": {"rows": -1}}):
        with pytest.raises(MatrixError, match="expected a number of rows"):
            read_scores(json.dumps(export | odd).encode(), "x.json")
    with pytest.raises(MatrixError, match="printable characters in row_digest"):
        read_scores(json.dumps(export | {"row_digest": 3}).encode(), "x.json")


@pytest.mark.parametrize(
    ("file_name", "shape", "maximum", "place"),
    [
        # facts of the study, to as many digits as it prints
        ("cka_wav2vec2_bert-base-uncased.json", (12, 12), 0.3026, (4, 7)),
        ("cka_wav2vec2_large_960_bert-base-uncased.json", (12, 24), 0.3389, (4, 13)),
        ("cka_bert-base-uncased_encodecmae_base.json", (10, 12), 0.2287, (10, 4)),
        ("cka_wav2vec2_encodecmae_base.json", (10, 12), 0.6949, (6, 1)),
        ("cka_glove_wav2vec2.json", (12, 1), 0.1827, (7, 1)),
    ],
)
def test_the_study_has_its_maximum_where_it_says(shared, file_name, shape, maximum, place):
    path = shared / "thesis" / file_name
    if not path.exists():
        pytest.skip("needs the matrices of the original study")
    scores = open_scores(path).scores
    assert scores.shape == shape
    assert scores.max() == pytest.approx(maximum, abs=5e-5)
    assert scores[place[0] - 1, place[1] - 1] == scores.max()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"[[0.1", "line 1: no valid JSON"),
        (b"[[0.1],\n[0.2]\n", "line 3: no valid JSON"),
        (b"<html>", "line 1: no valid JSON"),
        (b"\xef\xbb\xbf[[0.1]]", "begins with a byte order mark"),
        ("[[0.1]]".encode("utf-16"), "begins with a byte order mark"),
        (b'["\xff"]', "byte 2 is no UTF-8"),
        (b"[" * 200_000, "nested too deeply"),
        (b"[[NaN]]", "found NaN, which is no number"),
        (b"[[0.1, -Infinity]]", "found -Infinity, which is no number"),
        (b"[[1e999]]", "in row 1, column 1 of the file, found inf"),
        (b"[[" + b"9" * 400 + b"]]", "expected a number from -1 to 1 or null in row 1, column 1"),
        (b"[[" + b"9" * 5000 + b"]]", "a number cannot be read"),
        (b"[[0.1, 0.2], [0.3, 1.00001]]", "in row 2, column 2 of the file, found 1.00001"),
        (b"[[-1.00001]]", "in row 1, column 1 of the file, found -1.00001"),
        (b"[[0.1], ['0.2']]", "no valid JSON"),
        (b'[[0.1], ["0.2"]]', "in row 2, column 1 of the file, found '0.2'"),
        (b"[[true]]", "in row 1, column 1 of the file, found True"),
        (b"[[[0.1]]]", r"in row 1, column 1 of the file, found \[0.1\]"),
        (b"[[0.1, 0.2], [0.3]]", "expected 2 values in row 2 of the file, as in row 1, found 1"),
        (b"[[0.1], 0.2]", "expected a list in row 2 of the file, found 0.2"),
        (b"[0.1, [0.2]]", r"in row 2, column 1 of the file, found \[0.2\]"),
        (b"[]", "expected 1 to 200 values in the file, found 0"),
        (b"[[]]", "expected 1 to 200 values in row 1 of the file, found 0"),
        (b"[[0.1], []]", "expected 1 to 200 values in row 2 of the file, found 0"),
        (b"0.1", "expected a list in the file, found 0.1"),
        (b"null", "expected a list in the file, found None"),
        (b'"text"', "expected a list in the file, found 'text'"),
    ],
)
def test_what_is_no_matrix_of_scores_is_refused_by_file_and_place(content, reason):
    with pytest.raises(MatrixError, match=rf"^cka_a_b\.json: .*{reason}"):
        read_scores(content, "cka_a_b.json")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model1": 3}, "a name of at most 200 printable characters in model1, found 3"),
        ({"layers2": ["x", None]}, r"expected a name .* in layers2\[1\], found None"),
        ({"model2": "\x1b[2J"}, r"in model2, found '\\x1b\[2J'"),
        ({"layers1": ["a", "\u202eb"]}, r"in layers1\[1\], found '\\u202eb'"),
        ({"layers1": ["a", "b" * 201]}, r"at most 200 .* in layers1\[1\], found 'bbb"),
        ({"layers2": "x"}, "expected a list in layers2, found 'x'"),
        ({"layers2": ["x", "y"]}, "expected scores of 2 x 2 layers, .* found 2 x 1"),
        ({"scores": 0.5}, "expected a list in scores, found 0.5"),
        ({"scores": [0.5, 0.5]}, "expected a list in row 1 of scores, found 0.5"),
        ({"scores": [[0.5], ["x"]]}, "in row 2, column 1 of scores, found 'x'"),
    ],
)
def test_an_export_that_contradicts_itself_is_refused(changes, reason):
    with pytest.raises(MatrixError, match=rf"^mine\.json: .*{reason}"):
        studied(EXPORT | changes, "mine.json")


@pytest.mark.parametrize("key", list(EXPORT))
def test_an_export_lacks_nothing(key):
    values = {name: value for name, value in EXPORT.items() if name != key}
    with pytest.raises(MatrixError, match=f"{key} is missing"):
        studied(values)


def test_a_repeated_key_is_refused():
    with pytest.raises(MatrixError, match="the key 'scores' stands twice"):
        read_scores(b'{"scores": [[0]], "scores": [[1]]}', "mine.json")


def test_values_a_rounding_error_above_one_are_kept():
    assert studied([[1.000001, -1.0000009]]).scores.tolist() == [[1.000001, -1.0000009]]


def test_sizes_are_limited(tmp_path):
    path = tmp_path / "cka_a_b.json"
    path.write_bytes(b" " * (MOST_BYTES - 5) + b"[[1]]")
    assert open_scores(path).scores.tolist() == [[1.0]]
    path.write_bytes(b" " * (MOST_BYTES - 4) + b"[[1]]")
    with pytest.raises(MatrixError, match="larger than 10 MB"):
        open_scores(path)
    assert studied([[0.0] * MOST_LAYERS]).scores.shape == (1, MOST_LAYERS)
    for too_many in ([[0.0] * (MOST_LAYERS + 1)], [0.0] * (MOST_LAYERS + 1)):
        with pytest.raises(MatrixError, match=f"1 to {MOST_LAYERS} values .* found 201"):
            studied(too_many)


def test_a_file_that_cannot_be_opened_is_named(tmp_path):
    for path in (tmp_path / "no.json", tmp_path):
        with pytest.raises(MatrixError, match=f"{path}: cannot be opened"):
            open_scores(path)


@given(st.binary() | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(list(EXPORT)), inner),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_any_content_is_scores_or_an_error_that_names_the_file(content):
    scores, message = outcome(content)
    if message is None:
        assert np.all(np.isnan(scores) | (np.abs(scores) <= 1.000001))
    else:
        assert message.startswith("cka_a_b.json: ")


@given(st.data(), st.integers(0, 200))
def test_a_cut_file_is_refused(data, length):
    whole = json.dumps(EXPORT).encode()
    kept = data.draw(st.integers(0, min(length, len(whole) - 1)))
    with pytest.raises(MatrixError):
        read_scores(whole[:kept], "mine.json")
