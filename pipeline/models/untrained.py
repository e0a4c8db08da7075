"""Untrained twins: known architectures with seeded random weights."""

import torch
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertModel,
    PreTrainedConfig,
    PreTrainedModel,
    Wav2Vec2Config,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2Model,
)

from pipeline.errors import ModelError
from pipeline.models import minilm
from pipeline.models.pretrained import LOCAL_ONLY
from pipeline.models.spec import ModelSpec
from pipeline.models.speech_transformer import SpeechTransformer
from pipeline.models.text_transformer import TextTransformer


def load(spec: ModelSpec, device: str) -> TextTransformer | SpeechTransformer:
    """Return the untrained model that `spec` names, with the weights of its seed."""
    base, seed = spec.name.partition("?")[0], int(spec.options.get("seed", 0))
    if base == "untrained:wav2vec2-base":
        speech = random_model(Wav2Vec2Model, Wav2Vec2Config(), seed)
        normaliser = Wav2Vec2FeatureExtractor()  # type: ignore[no-untyped-call]
        return SpeechTransformer(spec, speech, normaliser, device)
    if base == "untrained:bert-base":
        # MiniLM's vocabulary is that of uncased BERT.
        tokenizer = AutoTokenizer.from_pretrained(minilm.checked_folder(), **LOCAL_ONLY)
        text = random_model(BertModel, BertConfig(), seed)
        return TextTransformer(spec, text, tokenizer, device)
    raise ModelError(f"{spec.name}: expected untrained:wav2vec2-base or untrained:bert-base")


def random_model(
    architecture: type[PreTrainedModel], config: PreTrainedConfig, seed: int
) -> PreTrainedModel:
    """Return a model with the random weights of a seed; other random numbers are not disturbed.

    The weights are drawn on the CPU, so that a seed means the same on every device.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        return architecture(config)
