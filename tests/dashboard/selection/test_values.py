from typing import get_args

import pytest

from dashboard.selection import ShownValues
from dashboard.selection.values import ESTIMATORS, EXCHANGES, MASKS, READINGS
from pipeline.analyses.masks import MaskBy
from pipeline.analyses.readings import Reading
from pipeline.similarity import MEASURES
from pipeline.similarity.result import Estimator
from pipeline.similarity.type_null import Within
from pipeline.view_parameters import TITLES, measure_parameters


def test_every_measure_estimator_reading_and_mask_has_one_name_on_the_page():
    assert sorted(TITLES.values()) == sorted(MEASURES)
    assert sorted(ESTIMATORS.values()) == sorted(get_args(Estimator))
    assert sorted(READINGS.values()) == sorted(get_args(Reading))
    assert sorted(MASKS.values()) == sorted(get_args(MaskBy))
    assert sorted(EXCHANGES.values()) == sorted(get_args(Within))


@pytest.mark.parametrize("measure", MEASURES)
def test_the_page_takes_the_measure_from_its_address(app, measure):
    (title,) = measure_parameters(measure).values()
    assert app(measure=title).selectbox(key="measure").value == title


def test_a_view_takes_the_analyses_of_its_mask_and_of_what_is_above_words():
    assert ShownValues(reading="z over rows", mask_by="chance").analyses("tokens") == set()
    assert ShownValues(mask_by="words").analyses("tokens") == {"nulls"}
    assert ShownValues(reading="z over words").analyses("tokens") == {"nulls"}
    assert ShownValues(mask_by="interval").analyses("tokens") == {"nulls", "intervals"}
    both = ShownValues(reading="z over words", mask_by="interval")
    assert both.analyses("within type") == {"intervals"}
