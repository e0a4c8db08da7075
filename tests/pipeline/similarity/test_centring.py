from fractions import Fraction
from functools import partial

import numpy as np
import pytest

from pipeline.errors import MatrixError
from pipeline.similarity.bootstrap import bootstrap
from pipeline.similarity.centring import centred_layers, row_blocks
from pipeline.similarity.curves import curve_over_caps, curve_over_rows
from pipeline.similarity.explanation import row_shares
from pipeline.similarity.neighbours import neighbourhood
from pipeline.similarity.pairing import sampled_rows
from pipeline.similarity.retrieval import RetrievalSettings, retrieve
from pipeline.similarity.row_selection import at_most
from pipeline.similarity.split_half import split_half
from pipeline.similarity.type_null import type_null


def centred(values):
    (layer,) = centred_layers([values], "a")
    return layer[0 : len(values)]


def exactly_centred(values):
    columns = [[Fraction(float(value)) for value in column] for column in values.T]
    means = [sum(column) / len(column) for column in columns]
    rows = [
        [float(value - mean) for value in column]
        for column, mean in zip(columns, means, strict=True)
    ]
    return np.array(rows).T


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64])
def test_every_type_of_number_is_centred_in_float64(dtype):
    values = np.random.default_rng(0).normal(scale=9, size=(50, 4)).astype(dtype)
    assert centred(values).dtype == np.float64
    np.testing.assert_allclose(centred(values), exactly_centred(values), rtol=1e-13, atol=1e-14)


def test_a_large_offset_costs_no_digits():
    values = 1e12 + np.random.default_rng(0).normal(size=(50, 4))
    np.testing.assert_allclose(centred(values), exactly_centred(values), rtol=0, atol=1e-14)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("constant", [0.1, -1e30, 1e-40])
def test_a_constant_column_becomes_exactly_zero(constant):
    values = np.full((1001, 2), constant, dtype=np.float32)
    assert not centred(values).any()


@pytest.mark.usefixtures("small_blocks")
def test_blocks_are_read_from_a_memory_map(tmp_path):
    values = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    np.save(tmp_path / "layer.npy", values)
    (layer,) = centred_layers([np.load(tmp_path / "layer.npy", mmap_mode="r")], "a")
    np.testing.assert_array_equal(layer[13:31], centred(values)[13:31])


@pytest.mark.usefixtures("small_blocks")
def test_squared_lengths_are_the_diagonal_of_the_gram_matrix():
    (layer,) = centred_layers([np.random.default_rng(0).normal(size=(40, 3))], "a")
    rows = layer[0:40]
    np.testing.assert_allclose(layer.squared_lengths(), np.diag(rows @ rows.T), rtol=1e-13)


@pytest.mark.parametrize(("rows", "size"), [(0, 3), (1, 3), (3, 3), (10, 3)])
def test_blocks_cover_every_row_once(rows, size):
    covered = [row for block in row_blocks(rows, size) for row in range(rows)[block]]
    assert covered == list(range(rows))


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, 23, 39])
def test_a_value_that_is_not_finite_is_named(value, row):
    values = np.zeros((40, 3), dtype=np.float32)
    values[row, 1] = value
    with pytest.raises(MatrixError, match=rf"layer 1 of b, row {row} \(counted from 0\)"):
        centred_layers([np.zeros((40, 2)), values], "b")


def test_one_matrix_in_place_of_a_list_of_layers_is_refused():
    with pytest.raises(MatrixError, match=r"layer 0 of a has shape \(3,\); .* a list of one array"):
        centred_layers(np.zeros((40, 3)), "a")


def test_no_rows_are_refused():
    with pytest.raises(MatrixError, match=r"layer 0 of a has shape \(0, 3\)"):
        centred_layers([np.zeros((0, 3))], "a")


def test_no_layers_are_refused():
    with pytest.raises(MatrixError, match="b has no layers"):
        centred_layers([], "b")


WORDS = [f"type {row % 10}" for row in range(60)]
WITHOUT_A_PARTNER = 59
OF_ROWS_THAT_ARE_NOT_ALL_TAKEN = {
    "type null": partial(type_null, words=WORDS, most_rows=12, permutations=2),
    "bootstrap": partial(bootstrap, words=WORDS, speakers=WORDS, most_rows=12, draws=2),
    "split half": partial(split_half, words=[*WORDS[:WITHOUT_A_PARTNER], "a word of its own"]),
    "split half by speakers": partial(
        split_half, words=[*WORDS[:WITHOUT_A_PARTNER], "a word of its own"], speakers=WORDS
    ),
    "shares": row_shares,
    "curve over rows": lambda a, b: curve_over_rows([a], [b], [12]),
    "curve over caps": lambda a, b: curve_over_caps([a], [b], WORDS, [1], seed=1),
    "neighbourhood": partial(neighbourhood, row=0, k=2),
    "retrieval": lambda a, b: retrieve(a, b, WORDS, RetrievalSettings(k=2)),
}


@pytest.mark.parametrize("side", ["a", "b"])
@pytest.mark.parametrize("name", OF_ROWS_THAT_ARE_NOT_ALL_TAKEN)
def test_a_value_that_is_not_finite_is_named_by_its_row_though_that_is_not_taken(name, side):
    rng = np.random.default_rng(0)
    layers = {each: rng.normal(size=(60, 3)) for each in ("a", "b")}
    layers[side][WITHOUT_A_PARTNER, 1] = np.nan
    assert WITHOUT_A_PARTNER not in sampled_rows(60, 12, seed=0)
    assert WITHOUT_A_PARTNER not in np.random.default_rng([0, 0]).permutation(60)[:12]
    assert not at_most(WORDS, 1, [1, 0])[WITHOUT_A_PARTNER]
    with pytest.raises(MatrixError, match=rf"\b{side}, row {WITHOUT_A_PARTNER} \(counted from 0\)"):
        OF_ROWS_THAT_ARE_NOT_ALL_TAKEN[name](layers["a"], layers["b"])
