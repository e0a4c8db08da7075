import json

import pytest

from pipeline.errors import SettingsError
from pipeline.settings import AlignmentSettings


def test_settings_survive_json():
    settings = AlignmentSettings("phone", "thesis", "max", 24_000, 13.33)
    assert AlignmentSettings(**json.loads(json.dumps(settings.as_dict()))) == settings


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"unit": "sentence"}, "unit is 'sentence'; choose one of word, phone"),
        ({"frame_rule": "nearest"}, "choose one of centre, overlap, thesis, pasad"),
        ({"pooling": "median"}, "middle third"),
        ({"sample_rate_hz": 16}, "16 kHz is 16000"),
        ({"stride_ms": 0.02}, "is it in seconds"),
    ],
)
@pytest.mark.usefixtures("unchecked_types")
def test_a_wrong_setting_says_what_to_choose(wrong, message):
    with pytest.raises(SettingsError, match=message):
        AlignmentSettings(**wrong)
