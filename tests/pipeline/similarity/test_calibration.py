import json
from dataclasses import replace
from math import nan

import numpy as np
import pytest

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


def changed(**parts):
    return json.dumps(json.loads(calibration_as_json(CELL)) | parts)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "expected a calibration as JSON; Expecting property name"),
        ("[]", r"expected a calibration with \['counts', .*, found list"),
        ("{}", r"expected a calibration with .*, found \[\]"),
        (changed(other=1), "found .*'other'"),
        (changed(type_null={"value": 1.0}), r"expected type_null with .*, found \['value'\]"),
        (changed(counts=None), "expected counts with .*, found NoneType"),
    ],
)
def test_what_is_no_calibration_is_refused(text, message):
    with pytest.raises(MatrixError, match=message):
        calibration_from_json(text)
