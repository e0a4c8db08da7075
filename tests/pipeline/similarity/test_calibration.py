import json
from dataclasses import replace
from math import nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import MatrixError
from pipeline.similarity.bootstrap import bootstrap
from pipeline.similarity.calibration import (
    Calibration,
    calibration_as_json,
    calibration_from_json,
    family_wise_as_json,
    family_wise_from_json,
)
from pipeline.similarity.family_wise import family_wise
from pipeline.similarity.result import Counts
from pipeline.similarity.split_half import split_half
from pipeline.similarity.type_null import type_null, type_nulls

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(30, 4)), RNG.normal(size=(30, 3))
WORDS, SPEAKERS = RNG.integers(0, 8, size=30), RNG.integers(0, 3, size=30)
CELL = Calibration(
    model_a="one",
    model_b="two",
    layer_a="0: in",
    layer_b="1: out",
    counts=Counts(rows=30, tokens=30, types=8, speakers=3, utterances=4, left_out=2),
    row_digest="ab" * 32,
    type_null=type_null(X, Y, WORDS, permutations=20, seed=1),
    interval=bootstrap(X, Y, WORDS, SPEAKERS, draws=20, seed=2),
    split_half=split_half(X, Y, WORDS, splits=3, seed=3),
    provenance={"corpus": "x", "versions": {"code": [1, 2]}},
)


@pytest.mark.parametrize(
    "cell",
    [
        CELL,
        replace(CELL, type_null=None, provenance={}),
        replace(CELL, interval=None, split_half=None),
    ],
    ids=["all parts", "no null", "only the null"],
)
def test_a_calibration_is_read_as_it_was_written(cell):
    assert calibration_from_json(calibration_as_json(cell)) == cell


def test_the_document_says_how_each_number_came_about():
    values = json.loads(calibration_as_json(CELL))
    assert values["type_null"]["value"] == CELL.type_null.value
    assert [values["type_null"][name] for name in ("permutations", "seed", "rows")] == [20, 1, 30]
    assert [values["interval"][name] for name in ("draws", "seed", "speakers")] == [20, 2, 3]
    assert [values["split_half"][name] for name in ("splits", "seed", "halves")] == [3, 3, "tokens"]
    assert {values[part]["estimator"] for part in ("type_null", "interval")} == {"debiased"}
    assert values["provenance"] == {"corpus": "x", "versions": {"code": [1, 2]}}


def test_a_number_that_does_not_exist_is_null_and_read_as_such():
    without = replace(CELL, type_null=replace(CELL.type_null, value=nan, sd=nan))
    text = calibration_as_json(without)
    assert json.loads(text)["type_null"]["sd"] is None
    read = calibration_from_json(text).type_null
    assert np.isnan([read.value, read.sd]).all()
    assert (read.mean, read.p) == (CELL.type_null.mean, CELL.type_null.p)


def test_a_mask_is_read_as_it_was_written():
    layers = [X, np.ones((30, 2))]
    found = family_wise(type_nulls([X], layers, WORDS, permutations=30, seed=5), level=0.2)
    text = family_wise_as_json(found)
    assert json.loads(text)["p"] == [[found.p[0, 0], None]]
    read = family_wise_from_json(text)
    np.testing.assert_array_equal(read.p, found.p)
    np.testing.assert_array_equal(read.mask, found.mask)
    assert {**vars(read), "p": None} == {**vars(found), "p": None}
    with pytest.raises(MatrixError, match=r"expected a family-wise mask with .*, found \[\]"):
        family_wise_from_json("{}")


@pytest.mark.parametrize(
    ("part", "name", "meant"), [("type_null", "within", "all"), ("split_half", "rows", None)]
)
def test_what_came_later_is_read_as_what_a_document_without_it_was_made_with(part, name, meant):
    values = json.loads(calibration_as_json(CELL))
    assert values[part].pop(name) is not None
    found = calibration_from_json(json.dumps(values))
    assert found == replace(CELL, **{part: replace(getattr(CELL, part), **{name: meant})})


def changed(**parts):
    return json.dumps(json.loads(calibration_as_json(CELL)) | parts)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "expected a calibration as JSON; Expecting property name"),
        ("[" * 100_000, "expected a calibration as JSON; .*recursion"),
        ("9" * 10_000, "expected a calibration as JSON; .*digits"),
        (changed(provenance=nan), "expected a calibration as JSON; NaN is no JSON"),
        ("[]", r"expected a calibration with \['counts', .*, found list"),
        ("{}", r"expected a calibration with .*, found \[\]"),
        (changed(other=1), "found .*'other'"),
        (
            changed(type_null={"value": 1.0}),
            r"expected type_null of a calibration with .*, found \['value'\]",
        ),
        (changed(counts=None), "expected counts of a calibration with .*, found NoneType"),
    ],
)
def test_what_is_no_calibration_is_refused(text, message):
    with pytest.raises(MatrixError, match=message):
        calibration_from_json(text)


CELL_VALUES = json.loads(calibration_as_json(CELL))
MASK_VALUES = {
    "p": [[0.1, None], [1, 0]],
    "level": 0.05,
    "estimator": "biased",
    "rows": 30,
    "types": 8,
    "permutations": 20,
    "seed": 0,
    "within": "all",
}


def put(values, path, new):
    """Return a document in which one value, by its names, is another."""
    *parts, last = path
    copied = json.loads(json.dumps(values))
    place = copied
    for name in parts:
        place = place[name]
    place[last] = new
    return json.dumps(copied)


COUNT, RAGGED = "a whole number, not below 0", "lists of equal length, one a layer of a"
CELL_DAMAGES = {
    "type_null.value": ("0.5", "a number from -1.798e.308 to 1.798e.308"),
    "type_null.mean": (True, "a number from"),
    "type_null.sd": (-0.1, "a number from 0 to 1.798e.308"),
    "type_null.p": (1.5, "a number from 0 to 1, found 1.5"),
    "type_null.estimator": ("other", r"one of \['debiased', 'biased'\], found 'other'"),
    "type_null.permutations": (-1, COUNT + ", found -1"),
    "type_null.rows": (3.0, COUNT + ", found 3.0"),
    "interval.level": (None, "a number from 0 to 1, found None"),
    "interval.low": (10**400, "a number from .*, found 1000"),
    "interval.estimator": ([], "one of .*, found "),
    "split_half.halves": ({}, "one of .*'tokens', 'speakers'.*, found {}"),
    "split_half.left_out": (-1.0, "a number from 0 to"),
    "counts.rows": ("30", COUNT + ", found '30'"),
    "counts.left_out": (None, COUNT + ", found None"),
    "counts.types": (False, COUNT + ", found False"),
    "model_a": (1, "text, found 1"),
    "row_digest": (None, "text, found None"),
    "provenance": ([], r"values by name, found \[\]"),
}
MASK_DAMAGES = {
    "ragged": ("p", [[0.1, 0.2], [0.3]], RAGGED + ", found .*0.3"),
    "no table": ("p", "0.1", RAGGED + ", found '0.1'"),
    "missing": ("p", None, RAGGED + ", found None"),
    "one row": ("p", [0.1, 0.2], RAGGED),
    "no rows": ("p", [], RAGGED),
    "no columns": ("p", [[], []], RAGGED),
    "rows by name": ("p", [{"a": 0.1}], RAGGED),
    "text in it": ("p", [[0.1, "0.2"]], "a number from 0 to 1, found '0.2'"),
    "a table in it": ("p", [[0.1, [0.2]]], "a number from 0 to 1, found "),
    "no probability": ("p", [[-0.1]], "a number from 0 to 1, found -0.1"),
    "no level": ("level", None, "a number from 0 to 1, found None"),
    "no estimator": ("estimator", "best", "one of .*, found 'best'"),
    "negative rows": ("rows", -5, COUNT + ", found -5"),
}


@pytest.mark.parametrize("field", CELL_DAMAGES)
def test_a_calibration_with_one_damaged_value_is_refused_by_the_name_of_it(field):
    path = field.split(".")
    new, expected = CELL_DAMAGES[field]
    named = " of ".join([*reversed(path), "a calibration"])
    with pytest.raises(MatrixError, match=f"expected {named} to be {expected}"):
        calibration_from_json(put(CELL_VALUES, path, new))


@pytest.mark.parametrize("damage", MASK_DAMAGES)
def test_a_mask_with_one_damaged_value_is_refused_by_the_name_of_it(damage):
    field, new, expected = MASK_DAMAGES[damage]
    with pytest.raises(
        MatrixError, match=f"expected {field} of a family-wise mask to be {expected}"
    ):
        family_wise_from_json(put(MASK_VALUES, [field], new))


def paths(values):
    for name, value in values.items():
        yield [name]
        if isinstance(value, dict) and name != "provenance":
            yield from ([name, *rest] for rest in paths(value))


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(path=st.sampled_from(list(paths(CELL_VALUES))), new=ANYTHING)
def test_whatever_stands_in_a_calibration_it_is_read_or_refused(path, new):
    try:
        read = calibration_from_json(put(CELL_VALUES, path, new))
    except MatrixError:
        return
    assert calibration_from_json(calibration_as_json(read)).counts == read.counts


@given(path=st.sampled_from(list(paths(MASK_VALUES))), new=ANYTHING | st.lists(st.lists(SCALARS)))
def test_whatever_stands_in_a_mask_it_is_read_or_refused(path, new):
    try:
        read = family_wise_from_json(put(MASK_VALUES, path, new))
    except MatrixError:
        return
    assert read.mask.shape == read.p.shape
    assert (read.p.ndim, read.p.dtype) == (2, np.float64)
