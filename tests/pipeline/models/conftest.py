"""Tiny models and one synthetic recording, shared by the tests of every family."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertModel,
    EncodecConfig,
    GPT2Config,
    GPT2Model,
    PreTrainedTokenizerFast,
    T5Config,
    T5Model,
    Wav2Vec2Config,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2Model,
)
from transformers.models.encodec.modeling_encodec import EncodecEncoder

from pipeline.models import minilm
from pipeline.models.catalogue import find_model
from pipeline.models.opening import open_model
from pipeline.models.untrained import random_model
from tests.pipeline.models.s3prl_checkpoints import save


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


def tiny_speech_models() -> dict[str, tuple[object, object]]:
    """Return the configuration and the feature extractor of a tiny model of each architecture."""
    encoder = {
        "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
        "intermediate_size": 32,
    }  # fmt: skip
    positions = {"num_conv_pos_embeddings": 8, "num_conv_pos_embedding_groups": 2}
    convolutional = {**encoder, **positions, "conv_dim": (8,) * 7}
    squeezed = {**encoder, **positions, "conv_dim": (4,) * 13, "feat_extract_norm": "layer"}
    large = {"feat_extract_norm": "layer", "do_stable_layer_norm": True}
    whisper = {
        "d_model": 16, "encoder_layers": 2, "encoder_attention_heads": 2, "encoder_ffn_dim": 32,
        "decoder_layers": 1, "decoder_attention_heads": 2, "decoder_ffn_dim": 32,
        "vocab_size": 50, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
        "decoder_start_token_id": 1,
    }  # fmt: skip
    codec = {"num_filters": 4, "codebook_size": 16}
    mimi = {
        **encoder, **codec, "hidden_size": 32, "num_key_value_heads": 2, "codebook_dim": 8,
        "vector_quantization_hidden_dimension": 8, "num_quantizers": 2, "upsample_groups": 32,
    }  # fmt: skip
    normalised = Wav2Vec2FeatureExtractor(do_normalize=True, return_attention_mask=True)
    raw = Wav2Vec2FeatureExtractor(do_normalize=False)
    t = transformers
    return {
        "wav2vec2": (t.Wav2Vec2Config(**convolutional), normalised),
        "wav2vec2-large": (t.Wav2Vec2Config(**convolutional, **large), normalised),
        "wav2vec2-adapter": (t.Wav2Vec2Config(**convolutional, add_adapter=True), normalised),
        "hubert": (t.HubertConfig(**convolutional), normalised),
        "wavlm": (t.WavLMConfig(**convolutional, **large), normalised),
        "data2vec-audio": (
            t.Data2VecAudioConfig(**{**convolutional, "num_conv_pos_embeddings": 5}), normalised,
        ),
        "unispeech": (t.UniSpeechConfig(**convolutional), normalised),
        "unispeech-sat": (t.UniSpeechSatConfig(**convolutional), normalised),
        "conformer": (t.Wav2Vec2ConformerConfig(**convolutional, feat_extract_norm="layer"), raw),
        "sew": (t.SEWConfig(**squeezed), raw),
        "sew-d": (t.SEWDConfig(**squeezed), raw),
        "wav2vec2-bert": (
            t.Wav2Vec2BertConfig(**encoder),
            t.SeamlessM4TFeatureExtractor(feature_size=80, num_mel_bins=80),
        ),
        # It hears 2 s.
        "whisper": (
            t.WhisperConfig(**whisper, max_source_positions=100),
            t.WhisperFeatureExtractor(chunk_length=2),
        ),
        "whisper-30s": (t.WhisperConfig(**whisper), t.WhisperFeatureExtractor()),
        "ast": (t.ASTConfig(**encoder), t.ASTFeatureExtractor()),
        # It hears 12 columns of 5 bands.
        "ast-short": (
            t.ASTConfig(**encoder, max_length=128, num_mel_bins=64),
            t.ASTFeatureExtractor(max_length=128, num_mel_bins=64),
        ),
        "encodec": (
            t.EncodecConfig(**codec, hidden_size=16, codebook_dim=16, target_bandwidths=[1.5]),
            t.EncodecFeatureExtractor(),
        ),
        "dac": (
            t.DacConfig(
                encoder_hidden_size=4, decoder_hidden_size=32, codebook_size=16, n_codebooks=2,
            ),
            t.DacFeatureExtractor(),
        ),
        "mimi": (t.MimiConfig(**mimi), t.EncodecFeatureExtractor()),
    }  # fmt: skip


@pytest.fixture(scope="session")
def speech_folder(tmp_path_factory):
    """Return the folder of a tiny model in the real format: ``speech_folder("sew")``."""
    known = tiny_speech_models()

    @cache
    def folder_of(name: str) -> Path:
        config, feature_extractor = known[name]
        folder = tmp_path_factory.mktemp(name)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(5)
            transformers.AutoModel.from_config(config).save_pretrained(folder)
        feature_extractor.save_pretrained(folder)
        return folder

    return folder_of


@pytest.fixture(scope="session")
def speech_model(speech_folder):
    """Return a tiny model, opened by name: ``speech_model("sew")``."""
    return cache(lambda name: open_model(f"hf-speech:{speech_folder(name)}", "cpu"))


@pytest.fixture(scope="session")
def noise():
    """3 s of noise at 16 kHz."""
    return np.random.default_rng(11).normal(scale=0.1, size=48_000).astype(np.float32)


@pytest.fixture(scope="session")
def rows_that_hear():
    """Which rows of layer 0 change with the samples in ``[first, end)``, and which should."""

    def changed_and_expected(model, waveform, first: int, end: int):
        rate_hz = model.spec.sample_rate_hz
        touched = waveform.copy()
        touched[first:end] += np.random.default_rng(3).normal(scale=0.5, size=end - first)
        before, after = model.extract(waveform, rate_hz), model.extract(touched, rate_hz)
        frames = before.frames
        changed = np.any(before.layers[0] != after.layers[0], axis=1)
        overlap = (frames.start_samples < end) & (frames.end_samples > first)
        return np.flatnonzero(changed).tolist(), np.flatnonzero(overlap).tolist()

    return changed_and_expected


ENCODECMAE_CONFIG = """
MODEL_DIM=12
NUM_ENCODER_HEADS = 5  # 12 is no multiple of it
NUM_DECODER_HEADS = 3
encoder/encodecmae.models.transformers.TransformerEncoder:
    model_dim = %MODEL_DIM
    compile = True
encodecmae.tasks.features.MelspectrogramProcessor:
    sample_frequency = 24000
    frame_shift = 13.28
    frame_length = 26.56
    htk_compat = True
    use_energy = False
    window_type = 'hanning'
    num_mel_bins = 8
    dither = 0.0
    norm_stats = [-6.12, 4.82]
MAX_AUDIO_DURATION = 4
"""


@pytest.fixture(scope="session")
def encodecmae_paths(tmp_path_factory) -> dict[str, Path]:
    """Tiny EnCodecMAEs as published: "v1" a folder, "v2-ec" and "v2-mel" files."""
    folder = tmp_path_factory.mktemp("encodecmae")
    transformer = {f"visible_encoder.{name}": w for name, w in random_transformer().items()}
    codec = random_codec()
    drawn = torch.Generator().manual_seed(8)
    projection = {
        size: {"weight": torch.randn(12, size, generator=drawn) / 3, "bias": torch.ones(12) / 2}
        for size in (6, 8)
    }
    first = {
        **{f"wav_encoder.model.model.{name}": weight for name, weight in codec.items()},
        **{f"feat_projector.{name}": weight for name, weight in projection[6].items()},
        "positional_encoder.scale": torch.tensor(0.7),
        "decoder.encoder_layers.0.norm1.bias": torch.zeros(12),
        **transformer,
    }
    second = {
        "masker.positional_encoder.scale": torch.tensor(0.7),
        "visible_encoder.post_net.weight": torch.zeros(12, 12),
        **transformer,
    }
    of_codec, of_mel = (
        {f"wav_encoder.post_net.{name}": weight for name, weight in projection[size].items()}
        for size in (6, 8)
    )
    of_codec |= {f"wav_encoder.encoder.model.model.{name}": w for name, w in codec.items()}
    (folder / "v1").mkdir()
    torch.save({"state_dict": first}, folder / "v1" / "model.pt")
    (folder / "v1" / "config.gin").write_text("NUM_ENCODER_HEADS=5\n")
    for name, front_end in (("v2-ec.pt", of_codec), ("v2-mel.pt", of_mel)):
        content = {"imports": "", "config": ENCODECMAE_CONFIG, "state_dict": second | front_end}
        torch.save(content, folder / name)
    return {path.stem: path for path in folder.iterdir()}


def random_transformer() -> dict[str, torch.Tensor]:
    """Two layers of width 12 with five heads of two; one feed-forward part shared by both."""
    drawn = torch.Generator().manual_seed(6)

    def weights(**shapes: tuple[int, ...]) -> dict[str, torch.Tensor]:
        return {
            name.replace("__", "."): torch.randn(shape, generator=drawn) / 2
            for name, shape in shapes.items()
        }

    feed_forward = weights(
        ff_layer__0__weight=(16, 12), ff_layer__0__bias=(16,),
        ff_layer__2__weight=(12, 16), ff_layer__2__bias=(12,),
    )  # fmt: skip
    found = weights(final_norm__weight=(12,), final_norm__bias=(12,))
    for layer in range(2):
        parts = feed_forward | weights(
            att_layer__wq__weight=(10, 12), att_layer__wk__weight=(10, 12),
            att_layer__wv__weight=(10, 12), att_layer__wo__weight=(12, 10),
            norm1__weight=(12,), norm1__bias=(12,), norm2__weight=(12,), norm2__bias=(12,),
        )  # fmt: skip
        found |= {f"encoder_layers.{layer}.{name}": weight for name, weight in parts.items()}
    return found


def random_codec() -> dict[str, torch.Tensor]:
    """EnCodec's encoder, narrowed to six features, by the names of EnCodec's own code."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        encoder = EncodecEncoder(EncodecConfig(num_filters=2, hidden_size=6))
    for name, parameter in encoder.named_parameters():
        if name.endswith("original0"):
            parameter.data *= 2  # or little of the sound would come through
    return {
        name.removeprefix("layers.")
        .replace("conv.", "conv.conv.")
        .replace("parametrizations.weight.original0", "weight_g")
        .replace("parametrizations.weight.original1", "weight_v"): weight
        for name, weight in encoder.state_dict().items()
    }


@pytest.fixture(scope="session")
def s3prl_checkpoint(tmp_path_factory):
    """Return the path of a tiny checkpoint: ``s3prl_checkpoint("hubert_local")``."""
    folder = tmp_path_factory.mktemp("s3prl")

    def saved(kind: str) -> Path:
        path = folder / f"{kind}.pt"
        return path if path.exists() else save(kind, path)

    return saved


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
