from dataclasses import replace

import numpy as np
import pytest

from pipeline.analyses import AnalysisRequest, compute_analysis, load_analysis
from pipeline.analyses.cell_intervals import CellIntervals
from pipeline.analyses.cell_nulls import CellNulls
from pipeline.analyses.masks import analyses_of, mask_of
from pipeline.comparison import load_result
from pipeline.run import run_plan
from pipeline.similarity.result import Counts, SimilarityResult
from pipeline.similarity.row_settings import RowSettings

RNG = np.random.default_rng(0)
SHAPE = (3, 4)
SCORES = RNG.uniform(0, 0.3, SHAPE)
SCORES[0, 0] = np.nan
RESULT = SimilarityResult(
    scores=SCORES,
    estimator="debiased",
    chance=RNG.uniform(0, 0.1, SHAPE),
    chance_sd=RNG.uniform(0, 0.1, SHAPE),
    model_a="a",
    model_b="b",
    layer_names_a=tuple("012"),
    layer_names_b=tuple("0123"),
    counts=Counts(10, 10, 5, 2, 3, 0),
    row_digest="",
)
NULLS = CellNulls(
    *(SCORES, RNG.uniform(0, 0.3, SHAPE), np.full(SHAPE, 0.1), np.full(SHAPE, 0.1)),
    RNG.uniform(0, 0.1, SHAPE),
    level=0.05, estimator="debiased", rows=10, types=5, permutations=200, seed=0, row_digest="",
)  # fmt: skip
INTERVALS = CellIntervals(
    *(SCORES, SCORES - RNG.uniform(0, 0.2, SHAPE), SCORES + 0.1, SCORES, SCORES, SCORES),
    level=0.9, estimator="debiased", rows=10, types=5, speakers=2, draws=400, seed=0,
    row_digest="",
)  # fmt: skip
KNOWN = {"nulls": NULLS, "intervals": INTERVALS}
ABOVE = {
    "chance": lambda at: RESULT.scores[at] > RESULT.chance[at] + 2 * RESULT.chance_sd[at],
    "words": lambda at: NULLS.p_of_all[at] <= 0.05,
    "interval": lambda at: INTERVALS.low[at] > NULLS.mean[at],
}


@pytest.mark.parametrize("by", ABOVE)
def test_cells_with_a_value_that_are_not_above_chance_are_struck_out(by):
    found = mask_of(by, RESULT, "tokens", **KNOWN)
    for at in np.ndindex(SHAPE):
        assert found.struck[at] == (np.isfinite(SCORES[at]) and not ABOVE[by](at))
    assert 0 < found.struck.sum() < found.struck.size - 1
    assert found.says.startswith("Crosses: ")


def test_a_mask_says_what_its_crosses_are_of():
    words, interval = (mask_of(by, RESULT, "tokens", **KNOWN).says for by in ("words", "interval"))
    said = "of all cells is looked at (family-wise, 5 %; 200 permutations over 10 rows, seed 0)"
    assert said in words
    drawn = "the 90% interval over types and speakers (400 draws over 10 rows, seed 0) reaches down"
    assert drawn in interval
    assert "words give by chance (mean of 200, seed 0)" in interval
    assert "each cell by itself" in interval


def test_within_types_chance_over_rows_is_the_level_of_intervals():
    found = mask_of("interval", RESULT, "within type", None, INTERVALS)
    expected = np.isfinite(SCORES) & ~(INTERVALS.low > RESULT.chance)
    np.testing.assert_array_equal(found.struck, expected)
    assert "what rows give by chance" in found.says


def test_nothing_is_struck_out_before_it_is_known_and_it_is_said_why():
    assert mask_of("nothing", RESULT, "tokens", **KNOWN).says == ""
    for by, known in (
        ("words", {"intervals": INTERVALS}),
        ("interval", {"intervals": INTERVALS}),
        ("interval", {"nulls": NULLS}),
    ):
        found = mask_of(by, RESULT, "tokens", **known)
        assert found.struck is None
        assert "not computed" in found.says
    within = mask_of("words", RESULT, "within type")
    assert within.struck is None
    assert "no type null" in within.says


@pytest.mark.parametrize(
    ("by", "values", "names"),
    [
        ("nothing", "tokens", ()),
        ("chance", "tokens", ()),
        ("words", "type means", ("nulls",)),
        ("words", "within type", ()),
        ("interval", "tokens", ("nulls", "intervals")),
        ("interval", "within type", ("intervals",)),
    ],
)
def test_a_mask_takes_what_it_is_of(by, values, names):
    assert analyses_of(by, values) == names


def masks(comparison, store):
    """Return by which masks the only cell of a comparison is struck out."""
    plan = comparison.plan(store)
    run_plan(plan, store)
    known = {}
    for name in ("nulls", "intervals"):
        request = AnalysisRequest(comparison, name)
        compute_analysis(request, plan, store)
        known[name] = load_analysis(request, plan, store)
    result = load_result(plan, store)
    return {by for by in ABOVE if mask_of(by, result, "tokens", **known).struck[0, 0]}


def test_tables_that_share_nothing_but_their_words_are_struck_out_by_all_but_chance(lookups, store):
    assert masks(lookups, store) == {"words", "interval"}
    assert masks(replace(lookups, model_b=lookups.model_a, rows=RowSettings()), store) == set()
