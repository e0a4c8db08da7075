from typing import get_args

import pytest

from dashboard.selection import ShownValues
from dashboard.selection.values import ESTIMATORS, READINGS, TITLES, measure_parameters
from pipeline.analyses.readings import Reading
from pipeline.similarity import MEASURES
from pipeline.similarity.result import Estimator


def test_every_measure_estimator_and_reading_has_one_name_on_the_page():
    assert sorted(TITLES.values()) == sorted(MEASURES)
    assert sorted(ESTIMATORS.values()) == sorted(get_args(Estimator))
    assert sorted(READINGS.values()) == sorted(get_args(Reading))


@pytest.mark.parametrize("measure", MEASURES)
def test_the_page_takes_the_measure_from_its_address(app, measure):
    (title,) = measure_parameters(measure).values()
    assert app(measure=title).selectbox(key="measure").value == title


def test_nulls_are_needed_for_the_mask_and_for_what_is_above_words():
    assert not ShownValues(reading="z over rows").needs_nulls
    assert ShownValues(mask=True).needs_nulls
    assert ShownValues(reading="z over words").needs_nulls
