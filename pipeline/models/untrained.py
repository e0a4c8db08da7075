"""Untrained twins: known architectures with seeded random weights."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoModel,
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
from pipeline.models.catalogue import find_model
from pipeline.models.extractor import AudioModel, TextModel
from pipeline.models.known.untrained import PREFIXES, twin_of
from pipeline.models.pretrained import LOCAL_ONLY
from pipeline.models.spec import ModelSpec
from pipeline.models.speech_transformer import SpeechTransformer
from pipeline.models.text_transformer import TextTransformer

_CONFIGURATION = {".json", ".txt", ".model"}
# What an unknown architecture, odd sizes, too little memory or a full disk raise.
_MAKING_ERRORS = (
    OSError, ImportError, KeyError, TypeError, ValueError, RuntimeError, MemoryError,
    SafetensorError,
)  # fmt: skip


def load(spec: ModelSpec, device: str) -> AudioModel | TextModel:
    """Return the untrained model that `spec` names, with the weights of its seed.

    Raises
    ------
    ModelError
        If `spec` is of another family, or its architecture cannot be made.
    """
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
    if base.startswith(PREFIXES):
        return _untrained_twin(spec, find_model(twin_of(base)), seed, device)
    raise ModelError(
        f"{spec.name}: expected untrained:wav2vec2-base, untrained:bert-base or the twin of "
        f"another model ({', '.join(PREFIXES)})"
    )


def random_model(
    architecture: type[PreTrainedModel], config: PreTrainedConfig, seed: int
) -> PreTrainedModel:
    """Return a model with the random weights of a seed; other random numbers are not disturbed.

    The weights are drawn on the CPU, so that a seed means the same on every device.
    """
    with _seeded(seed):
        return architecture(config)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield


def _untrained_twin(
    spec: ModelSpec, twin: ModelSpec, seed: int, device: str
) -> AudioModel | TextModel:
    """Write the twin with other weights, and load it as its own family does."""
    family = import_module(f"pipeline.models.{twin.family}")
    if twin.family == "s3prl_upstream":
        upstream: AudioModel = family.load_untrained(twin, seed, device)
        upstream.spec = spec
        return upstream
    with TemporaryDirectory(prefix="untrained-") as written:
        _write_random_twin(Path(twin.source), seed, Path(written))
        model: AudioModel | TextModel = family.load(replace(spec, source=written), device)
    model.spec = spec
    return model


def _write_random_twin(folder: Path, seed: int, written: Path) -> None:
    try:
        for file in folder.iterdir():
            if file.suffix in _CONFIGURATION and not file.name.endswith(".index.json"):
                shutil.copy(file, written)
        config = AutoConfig.from_pretrained(folder, **LOCAL_ONLY)
        with _seeded(seed):
            model = AutoModel.from_config(  # type: ignore[no-untyped-call]
                config, dtype=torch.float32, trust_remote_code=False
            )
        model.save_pretrained(written)
    except _MAKING_ERRORS as error:
        raise ModelError(f"{folder}: transformers cannot make it anew: {error}") from error
