import pytest

from pipeline.models import find_model
from pipeline.presets import PRESETS
from pipeline.request import ComparisonRequest
from pipeline.similarity import MEASURES


def test_presets_know_their_name_and_name_measures_that_there_are():
    for name, preset in PRESETS.items():
        assert preset.name == name
        assert preset.measure in MEASURES


@pytest.mark.parametrize(
    ("model", "layers"),
    [
        ("untrained:wav2vec2-base", range(1, 13)),
        ("minilm", range(1, 7)),
        ("s3prl:fbank", [0]),
        ("control:duration", [0, 1]),
    ],
)
def test_the_original_study_counts_layers_from_the_first_block(model, layers):
    names = find_model(model).layer_names
    assert PRESETS["thesis"].layers(names) == tuple(layers)
    assert PRESETS["pasad"].layers(names) == tuple(range(len(names)))


def test_encodecmae_has_no_input_among_its_layers_which_the_study_counts_all():
    names = tuple(f"{k}: transformer layer {k + 1}, normalised branch" for k in range(10))
    assert PRESETS["thesis"].layers(names) == tuple(range(10))


def test_a_preset_s_measure_is_of_all_rows_that_the_preset_selects():
    for preset in PRESETS.values():
        of_sample = MEASURES[preset.measure].settings.get("most_rows")
        if of_sample is not None:
            assert preset.rows.selection.most_rows <= of_sample


def test_the_second_study_s_preset_says_where_it_departs_from_the_study():
    preset = PRESETS["pasad"]
    settings = MEASURES[preset.measure].settings
    assert f"sample of {preset.rows.selection.most_rows:,} words" in preset.description
    assert f"in {settings['folds']} folds" in preset.description
    assert settings["ridge"] == 0
    assert "without a ridge" in preset.description


def test_the_default_is_what_a_request_without_settings_compares():
    request, preset = ComparisonRequest("c", "a", "b"), PRESETS["default"]
    assert (preset.settings, preset.rows, preset.measure) == (
        request.settings,
        request.rows,
        request.measure,
    )
