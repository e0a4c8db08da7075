import numpy as np
import pytest

from pipeline.similarity import cka
from pipeline.similarity.illustrations import (
    CAPS,
    DIMS,
    TABLE_DIMS,
    repeated_words,
    unrelated_layers,
)


@pytest.mark.parametrize("rows", [20, 100, 500])
def test_the_biased_value_of_unrelated_layers_rises_with_dimensions_and_the_debiased_does_not(rows):
    found = unrelated_layers(rows)
    assert [each.dims for each in found] == list(DIMS)
    biased = np.array([each.biased for each in found])
    # dims / (dims + rows), the ratio of the expectations of products of Gaussian matrices.
    expected = np.array(DIMS) / (np.array(DIMS) + rows)
    np.testing.assert_allclose([each.expected_biased for each in found], expected)
    np.testing.assert_allclose(biased, expected, atol=4 / rows**0.75)
    assert biased[-1] > 0.75
    for each in found:
        assert abs(each.debiased) < 5 * each.chance_sd
        assert each.chance_sd == pytest.approx((2 / (rows * (rows - 3))) ** 0.5)


def test_another_seed_is_another_draw_and_the_same_the_same():
    assert unrelated_layers(50, seed=1) == unrelated_layers(50, seed=1)
    assert unrelated_layers(50, seed=1) != unrelated_layers(50, seed=2)


def test_random_tables_agree_token_by_token_as_the_closed_form_says_and_not_over_types():
    found = repeated_words()
    assert [each.most_per_type for each in found] == list(CAPS)
    assert [each.tokens for each in found][-1] == 4242
    for each in found:
        assert each.over_tokens == pytest.approx(each.expected, abs=0.02)
        assert abs(each.over_types) < 0.01
    values = [each.over_tokens for each in found]
    assert values == sorted(values)
    assert values[-1] == pytest.approx(0.70, abs=0.01)
    assert found[-1].z > 1000


def test_a_type_that_comes_once_is_a_row_of_its_own():
    once = repeated_words()[0]
    assert once.tokens == once.types == 991
    assert once.over_tokens == pytest.approx(once.over_types)
    assert once.expected == 0
    rng = np.random.default_rng(0)
    tables = [rng.normal(size=(991, dims)) for dims in TABLE_DIMS]
    assert once.over_types == pytest.approx(cka([tables[0]], [tables[1]])[0, 0])
