from typing import get_args

import pytest

from pipeline.settings import AlignmentSettings, FrameRule
from pipeline.view_parameters import FRAME_RULES, settings_parameters


def test_every_frame_rule_has_one_name_on_the_page():
    assert sorted(FRAME_RULES.values()) == sorted(get_args(FrameRule))


@pytest.mark.parametrize(("label", "rule"), FRAME_RULES.items())
def test_the_page_takes_the_frame_rule_from_its_address_and_says_it(app, label, rule):
    assert app(rule=label).selectbox(key="rule").value == label
    assert settings_parameters(AlignmentSettings(frame_rule=rule))["rule"] == label
