from dataclasses import replace

import pytest

from pipeline.engine import open_queue
from pipeline.presets import PRESETS
from pipeline.request import ComparisonRequest


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_a_preset_sets_everything_whatever_was_chosen_before(app, preset):
    before = {"rule": "Overlap", "stride": "10.0", "cap": "4", "first": "true", "sex": "f"}
    test = app(
        a="control:onehot", b="control:lookup", measure="SVCCA", values="Type means", **before
    )
    test.button(key=f"preset-{preset.name}").click().run()
    test.button(key="compute").click().run()
    with open_queue() as queue:
        (job,) = queue.active()
    asked = ComparisonRequest.from_dict(job.task)
    assert asked.settings == preset.settings
    assert asked.rows == replace(preset.rows, alphabetical=False)
    assert asked.measure == preset.measure


def test_a_preset_of_biased_values_shows_them(app):
    test = app(a="control:onehot", b="control:lookup")
    test.button(key="preset-thesis").click().run()
    assert test.session_state["estimator"] == "Biased"
