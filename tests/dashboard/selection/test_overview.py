from dataclasses import replace

import numpy as np
import pytest

from dashboard.selection import CompareView, ShownValues, view_of_cached
from pipeline.cached_results import CachedComparison
from pipeline.request import ComparisonRequest
from pipeline.settings import AlignmentSettings
from pipeline.similarity.result import Counts

FOUND = CachedComparison(
    request=ComparisonRequest("demo", "a", "b", measure="rsa"),
    estimator=None,
    scores=np.array([[0.1, 0.4], [0.2, 0.3]]),
    layer_names_a=("0", "1"),
    layer_names_b=("0", "1"),
    counts=Counts(rows=4, tokens=4, types=2, speakers=1, utterances=1, left_out=0),
    fingerprints=("", ""),
    stored_at_s=0.0,
)


@pytest.mark.parametrize("stretch", [False, True])
def test_a_comparison_opens_at_its_best_cell_in_the_colours_that_it_has(stretch):
    view = view_of_cached(FOUND, stretch=stretch)
    assert view == CompareView(FOUND.request, ShownValues(stretch=stretch), 0, 1)


def test_one_without_a_value_opens_at_its_first_cell():
    empty = replace(FOUND, scores=np.full((2, 2), np.nan))
    assert view_of_cached(empty) == CompareView(FOUND.request, ShownValues(), 0, 0)


def test_what_no_widget_says_opens_nowhere():
    request = replace(FOUND.request, settings=AlignmentSettings(storage="float16"))
    assert view_of_cached(replace(FOUND, request=request)) is None
