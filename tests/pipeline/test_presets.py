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


def test_the_default_is_what_a_request_without_settings_compares():
    request, preset = ComparisonRequest("c", "a", "b"), PRESETS["default"]
    assert (preset.settings, preset.rows, preset.measure) == (
        request.settings,
        request.rows,
        request.measure,
    )
