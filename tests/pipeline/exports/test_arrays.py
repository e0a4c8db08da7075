import io
import json

import numpy as np

from pipeline.exports.arrays import as_npz


def test_arrays_come_back_without_unpickling_and_with_every_digit(masked):
    result = masked.result
    with np.load(io.BytesIO(as_npz(masked)), allow_pickle=False) as found:
        np.testing.assert_array_equal(found["scores"], result.scores)
        np.testing.assert_array_equal(found["z"], result.z)
        np.testing.assert_array_equal(found["chance_sd"], result.chance_sd)
        np.testing.assert_array_equal(found["type_null_p_of_all"], masked.nulls.p_of_all)
        assert tuple(found["layers1"]) == result.layer_names_a
        assert tuple(found["layers2"]) == result.layer_names_b
        assert int(found["rows"]) == result.counts.rows
        assert json.loads(str(found["provenance"])) == json.loads(json.dumps(masked.facts()))


def test_what_nobody_computed_is_not_in_it(shown):
    with np.load(io.BytesIO(as_npz(shown)), allow_pickle=False) as found:
        assert not [name for name in found.files if name.startswith("type_null")]


def test_the_same_comparison_gives_the_same_bytes(shown):
    assert as_npz(shown) == as_npz(shown)
