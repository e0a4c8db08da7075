"""Tiny models and one synthetic recording, shared by the tests of every family."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertModel,
    GPT2Config,
    GPT2Model,
    PreTrainedTokenizerFast,
    T5Config,
    T5Model,
    Wav2Vec2Config,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2Model,
)

from pipeline.models import minilm
from pipeline.models.catalogue import find_model
from pipeline.models.opening import open_model
from pipeline.models.untrained import random_model


@pytest.fixture(scope="session")
def waveform():
    """0.7 s at 16 kHz: noise over a tone, with an offset that normalisation has to remove."""
    times = np.arange(11_200) / 16_000
    noise = np.random.default_rng(7).normal(scale=0.05, size=len(times))
    return (0.02 + noise + 0.2 * np.sin(2 * np.pi * 440 * times)).astype(np.float32)


@pytest.fixture(scope="session")
def untrained_wav2vec2():
    return open_model("untrained:wav2vec2-base", device="cpu")


@pytest.fixture(scope="session")
def untrained_bert():
    return open_model("untrained:bert-base", device="cpu")


@pytest.fixture(scope="session")
def bert_folder(tmp_path_factory) -> Path:
    """A tiny BERT that reads at most 16 tokens, with MiniLM's WordPiece vocabulary."""
    config = BertConfig(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=16,
    )
    folder = tmp_path_factory.mktemp("bert")
    random_model(BertModel, config, seed=1).save_pretrained(folder)
    AutoTokenizer.from_pretrained(minilm.checked_folder()).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def t5_folder(tmp_path_factory) -> Path:
    config = T5Config(
        vocab_size=30_522,
        d_model=16,
        d_ff=32,
        d_kv=8,
        num_heads=2,
        num_layers=3,
        num_decoder_layers=1,
    )
    folder = tmp_path_factory.mktemp("t5")
    random_model(T5Model, config, seed=2).save_pretrained(folder)
    AutoTokenizer.from_pretrained(minilm.checked_folder()).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def gpt2_folder(tmp_path_factory) -> Path:
    """A tiny GPT-2 with a byte-level BPE, whose tokens carry the space before a word."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<|endoftext|>"],
    )
    bpe.train_from_iterator(["the cat sat on the mat", "we don't say very very often"], trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe, eos_token="<|endoftext|>")  # noqa: S106 - no password
    config = GPT2Config(vocab_size=len(tokenizer), n_embd=16, n_layer=2, n_head=2, n_positions=64)
    folder = tmp_path_factory.mktemp("gpt2")
    random_model(GPT2Model, config, seed=3).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session", params=["group", "layer"])
def wav2vec2_folder(request, tmp_path_factory) -> Path:
    """A tiny wav2vec 2.0, built like the base model ("group") or like the large ones ("layer")."""
    folder = tmp_path_factory.mktemp(f"wav2vec2-{request.param}")
    random_model(Wav2Vec2Model, tiny_wav2vec2(request.param), seed=4).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(do_normalize=True).save_pretrained(folder)
    return folder


def tiny_wav2vec2(norm: str) -> Wav2Vec2Config:
    return Wav2Vec2Config(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        conv_dim=(8,) * 7,
        num_conv_pos_embeddings=8,
        num_conv_pos_embedding_groups=2,
        feat_extract_norm=norm,
        do_stable_layer_norm=norm == "layer",
    )


@pytest.fixture(scope="session")
def printed_by():
    """Run code in a fresh Python and return what it printed."""

    def run(code: str) -> str:
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - ours
        return done.stdout.strip()

    return run


@pytest.fixture(scope="session")
def spec_of():
    """Return the spec of a folder: ``spec_of("text", folder)``."""
    return lambda kind, folder: find_model(f"hf-{kind}:{folder}")


@pytest.fixture
def hub_cache(tmp_path, monkeypatch) -> Path:
    """An empty cache of the Hugging Face hub."""
    folder = tmp_path / "hub"
    monkeypatch.setenv("HF_HUB_CACHE", str(folder))
    return folder


@pytest.fixture
def cached_repository(hub_cache):
    """Put a copy of a folder into the hub's cache, as a download leaves it; return its snapshot."""

    def put(repo_id: str, folder: Path, commit: str = "c" * 40, revision: str = "main") -> Path:
        repository = hub_cache / f"models--{repo_id.replace('/', '--')}"
        snapshot = repository / "snapshots" / commit
        for made in (repository / "refs", repository / "blobs", snapshot):
            made.mkdir(parents=True, exist_ok=True)
        (repository / "refs" / revision).write_text(commit)
        for file in folder.iterdir():
            shutil.copy(file, repository / "blobs" / f"{commit}-{file.name}")
            (snapshot / file.name).symlink_to(f"../../blobs/{commit}-{file.name}")
        return snapshot

    return put
