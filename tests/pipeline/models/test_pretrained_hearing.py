from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import Wav2Vec2FeatureExtractor, Wav2Vec2Model

from pipeline.models import find_model
from pipeline.models.pretrained_hearing import PretrainedHearing
from pipeline.models.untrained import random_model
from tests.pipeline.models.conftest import tiny_wav2vec2

SPEC = find_model("untrained:wav2vec2-base")


class Listener(PretrainedHearing):
    """Gives what its feature extractor gives."""

    usual_rate_hz = 24_000

    def hear_one(self, *_):
        raise AssertionError("nothing is heard here")

    def features(self, samples):
        return self._features(samples)["input_values"]


def listener(spec, sampling_rate):
    model = random_model(Wav2Vec2Model, tiny_wav2vec2("group"), seed=4).train()
    extractor = Wav2Vec2FeatureExtractor(sampling_rate=sampling_rate, do_normalize=True)
    return Listener(spec, model, extractor, "cpu"), model


def test_the_model_is_out_of_training_on_its_device():
    opened, model = listener(SPEC, 16_000)
    assert opened.device == torch.device("cpu")
    assert not model.training


@pytest.mark.parametrize(("known_hz", "used_hz"), [(16_000, 16_000), (None, 24_000)])
def test_features_are_the_extractor_s_at_the_model_s_rate(known_hz, used_hz):
    """The extractor itself refuses any other rate than its own."""
    opened, _ = listener(replace(SPEC, sample_rate_hz=known_hz), used_hz)
    samples = np.random.default_rng(0).normal(3, 2, 800).astype(np.float32)
    normal = (samples - samples.mean()) / samples.std()
    np.testing.assert_allclose(opened.features(samples)[0], normal, atol=1e-4)
