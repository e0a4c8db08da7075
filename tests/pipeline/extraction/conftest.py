from functools import cache

import pytest
import torch
import transformers

from pipeline.corpus import open_corpus
from pipeline.models.opening import open_model
from tests.pipeline.models.conftest import tiny_speech_models


@pytest.fixture(scope="session")
def utterance():
    return open_corpus("demo").utterances[0]


@pytest.fixture(scope="session")
def speech_model(tmp_path_factory):
    """Return a tiny model, opened by name: ``speech_model("wav2vec2")``."""
    known = tiny_speech_models()

    @cache
    def opened(name):
        config, feature_extractor = known[name]
        folder = tmp_path_factory.mktemp(name)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(5)
            transformers.AutoModel.from_config(config).save_pretrained(folder)
        feature_extractor.save_pretrained(folder)
        return open_model(f"hf-speech:{folder}", "cpu")

    return opened


@pytest.fixture(scope="session")
def minilm_model():
    return open_model("minilm", "cpu")
