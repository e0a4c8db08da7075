"""Tiny CTC models in the format of Hugging Face, with random weights."""

import json

import pytest
from transformers import (
    Wav2Vec2Config,
    Wav2Vec2CTCTokenizer,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForCTC,
)

from pipeline.models.untrained import random_model

# That of facebook/wav2vec2-base-960h.
VOCABULARY = ["<pad>", "<s>", "</s>", "<unk>", "|", *"ETAONIHSRDLUMWCFGYPBVK'XJQZ"]


def tiny_config(size: int) -> Wav2Vec2Config:
    return Wav2Vec2Config(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        conv_dim=(8,) * 7,
        num_conv_pos_embeddings=8,
        num_conv_pos_embedding_groups=2,
        vocab_size=size,
        pad_token_id=0,
        initializer_range=0.5,
    )


@pytest.fixture(scope="session")
def ctc_folder(tmp_path_factory):
    """A folder as wav2vec 2.0 models for speech recognition are published."""
    folder = tmp_path_factory.mktemp("tiny-ctc")
    random_model(Wav2Vec2ForCTC, tiny_config(len(VOCABULARY)), seed=5).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(do_normalize=True).save_pretrained(folder)
    numbers = {token: number for number, token in enumerate(VOCABULARY)}
    (folder / "vocab.json").write_text(json.dumps(numbers), encoding="utf-8")
    Wav2Vec2CTCTokenizer(str(folder / "vocab.json")).save_pretrained(folder)
    return folder
