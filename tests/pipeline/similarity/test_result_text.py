from dataclasses import replace

import numpy as np
import pytest

from pipeline.similarity.result import Counts, SimilarityResult
from pipeline.similarity.result_text import highest_text, measured_text, rows_text

COUNTS = Counts(rows=1200, tokens=1200, types=300, speakers=2, utterances=9, left_out=7)
RESULT = SimilarityResult(
    scores=np.array([[0.1, 0.25], [np.nan, -0.5]]),
    estimator="biased",
    chance=np.full((2, 2), 0.05),
    chance_sd=np.full((2, 2), 0.02),
    model_a="a",
    model_b="b",
    layer_names_a=("0: in", "1: out"),
    layer_names_b=("0: in", "1: top"),
    counts=COUNTS,
    row_digest="",
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "over 1,200 tokens of 300 types by 2 speakers; 7 words left out."),
        ({"unselected": 50}, "7 words left out, 50 not selected."),
        ({"rows": 300}, "over the means of 1,200 tokens of 300 types by 2 speakers;"),
    ],
)
def test_rows_are_counted_with_what_was_left_out(changes, expected):
    text = rows_text(replace(RESULT, counts=replace(COUNTS, **changes)))
    assert text.startswith("Biased linear CKA over ")
    assert expected in text


def test_a_measure_of_a_sample_says_so_with_its_seed_and_settings():
    settings = {"k": 10, "bandwidth": 1.0, "most_rows": 1000, "seed": 3}
    sampled = replace(RESULT, measure="cknna", estimator=None, measure_settings=settings)
    assert rows_text(sampled).startswith(
        "CKNNA (k 10, bandwidth 1) over 1,000 rows drawn with seed 3 from 1,200 tokens of 300 types"
    )
    assert measured_text(sampled) == "1,000 of 1,200 rows"
    means = replace(sampled, counts=replace(COUNTS, rows=300))
    assert "bandwidth 1) over the means of 1,200 tokens" in rows_text(means)
    assert (measured_text(means), measured_text(RESULT)) == ("300 rows", "1,200 rows")


def test_the_highest_value_is_named_with_its_layers_and_chance():
    assert highest_text(RESULT) == (
        "The highest value, 0.250, is that of a, 0: in, and b, 1: top. By chance it is 0.050 ± "
        "0.020; z 10.0."
    )


def test_without_a_chance_level_or_any_value_nothing_is_made_up():
    unknown = np.full((2, 2), np.nan)
    assert highest_text(replace(RESULT, chance=unknown)).endswith("and b, 1: top.")
    without_spread = replace(RESULT, chance_sd=np.zeros((2, 2)))
    assert highest_text(without_spread).endswith("0.050 ± 0.000.")
    assert highest_text(replace(RESULT, scores=unknown)) == "No pair of layers has a value."
