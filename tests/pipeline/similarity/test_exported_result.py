import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.errors import MatrixError
from pipeline.similarity.export import as_json
from pipeline.similarity.exported_result import result_from_json
from pipeline.similarity.measure import MEASURES
from pipeline.similarity.result import Counts, SimilarityResult

NUMBERS = st.just(np.nan) | st.floats(-1, 1)
SPREADS = st.sampled_from([np.nan, 0.0]) | st.floats(1e-9, 1)
COUNT = st.integers(0, 10**9)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@st.composite
def results(draw):
    shape = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    table = arrays(np.float64, shape, elements=NUMBERS)
    names = [draw(st.lists(st.text(max_size=5), min_size=n, max_size=n)) for n in shape]
    # The shape check of the class draws by itself, which no strategy may.
    return {
        "scores": draw(table),
        "estimator": draw(st.sampled_from(["debiased", "biased", None])),
        "chance": draw(table),
        "chance_sd": draw(arrays(np.float64, shape, elements=SPREADS)),
        "model_a": draw(st.text(max_size=9)),
        "model_b": draw(st.text(max_size=9)),
        "layer_names_a": tuple(names[0]),
        "layer_names_b": tuple(names[1]),
        "counts": [draw(COUNT) for _ in range(7)],
        "row_digest": draw(st.text(max_size=9)),
        "measure": draw(st.sampled_from(list(MEASURES))),
        "provenance": draw(st.dictionaries(st.text(max_size=5), JSON_VALUES, max_size=3)),
        "measure_settings": draw(st.sampled_from([{}, {"k": 10, "most_rows": 3000, "seed": 0}])),
    }


@given(results())
def test_a_result_is_read_as_it_was_written(drawn):
    result = SimilarityResult(**drawn | {"counts": Counts(*drawn["counts"])})
    found = result_from_json(as_json(result, {"more": result.scores}, ["a note"]))
    assert vars(found).keys() == vars(result).keys()
    for name, expected in vars(result).items():
        if isinstance(expected, np.ndarray):
            np.testing.assert_array_equal(getattr(found, name), expected)
        else:
            assert getattr(found, name) == expected


RESULT = SimilarityResult(
    scores=np.array([[0.5, np.nan]]),
    estimator=None,
    chance=np.full((1, 2), np.nan),
    chance_sd=np.full((1, 2), np.nan),
    model_a="a",
    model_b="b",
    layer_names_a=("0",),
    layer_names_b=("0", "1"),
    counts=Counts(9000, 9000, 5, 2, 3, 1),
    row_digest="abc",
    measure="rsa",
    measure_settings=dict(MEASURES["rsa"].settings),
)


def test_a_document_without_a_measure_s_settings_is_of_those_with_which_it_was_made():
    values = json.loads(as_json(RESULT))
    del values["measure_settings"], values["rows_measured"]
    found = result_from_json(json.dumps(values))
    assert (found.measure_settings, found.rows_measured) == (RESULT.measure_settings, 1500)
    of_cka = replace(RESULT, measure="cka", measure_settings={})
    assert result_from_json(as_json(of_cka)).rows_measured == 9000


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scores": [[0.5]]}, "expected 1 x 2 values in scores"),
        ({"scores": [[0.5], [0.1, 0.2]]}, "expected lists of equal length in scores"),
        ({"scores": [["0.5", None]]}, "expected numbers or null in scores, found 0.5"),
        ({"chance": [[True, None]]}, "expected numbers or null in chance, found True"),
        ({"counts": {"rows": 1}}, "in counts, found .'rows'"),
        ({"counts": [1]}, "expected values by name in counts"),
        ({"measure": "other"}, "expected one of cka, .* in measure, found other"),
        ({"measure": []}, "expected text in measure, found "),
        ({"estimator": "best"}, "expected null or one of debiased, biased in estimator"),
        ({"layers1": "0"}, "expected a list of names in layers1"),
        ({"model1": 3}, "expected text in model1, found 3"),
        ({"provenance": None}, "expected values by name in provenance"),
        ({"measure_settings": 3}, "expected values by name in measure_settings"),
    ],
)
def test_what_is_no_result_is_refused_by_the_name_of_it(changes, message):
    values = json.loads(as_json(RESULT)) | changes
    with pytest.raises(MatrixError, match=message):
        result_from_json(json.dumps(values))


def test_a_count_below_nothing_is_refused():
    values = json.loads(as_json(RESULT))
    values["counts"]["types"] = -1
    with pytest.raises(MatrixError, match="not below 0 in types of counts, found -1"):
        result_from_json(json.dumps(values))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "expected a similarity result as JSON; no valid JSON"),
        ("[]", "expected a similarity result in the document, found"),
        ("{}", r"expected a similarity result with measure, found \[\]"),
        ('{"scores": NaN}', "expected a similarity result as JSON"),
    ],
)
def test_what_is_no_document_is_refused(text, message):
    with pytest.raises(MatrixError, match=message):
        result_from_json(text)
