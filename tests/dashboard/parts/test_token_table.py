from dataclasses import replace

import pytest

from dashboard.parts.token_table import recording_parameters
from pipeline.request import ComparisonRequest
from pipeline.settings import AlignmentSettings

FBANK, MEL, TEXT = "s3prl:fbank", "s3prl:mel", "control:onehot"
SETTINGS = AlignmentSettings(pooling="max")


@pytest.mark.parametrize(
    ("model_a", "model_b", "seen"),
    [
        (FBANK, MEL, {"model": FBANK, "model2": MEL}),
        (MEL, FBANK, {"model": MEL, "model2": FBANK}),
        (FBANK, FBANK, {"model": FBANK}),
        (TEXT, FBANK, {"model": FBANK}),
        (FBANK, TEXT, {"model": FBANK}),
        (TEXT, TEXT, {}),
    ],
)
@pytest.mark.usefixtures("home")
def test_a_token_leads_to_its_recording_seen_through_the_models_that_hear(model_a, model_b, seen):
    request = ComparisonRequest("demo", model_a, model_b, settings=SETTINGS)
    found = recording_parameters(request, "ada-01", 2)
    assert {name: found[name] for name in ("model", "model2") if name in found} == seen
    assert (found["corpus"], found["utterance"], found["word"]) == ("demo", "ada-01", "2")
    if seen:
        assert found["pooling"] == "Max"


@pytest.mark.usefixtures("home")
def test_a_phone_s_index_is_not_taken_for_a_word_s():
    request = ComparisonRequest("demo", FBANK, MEL, settings=replace(SETTINGS, unit="phone"))
    found = recording_parameters(request, "ada-01", 2)
    assert found["unit"] == "Phone"
    assert "word" not in found
