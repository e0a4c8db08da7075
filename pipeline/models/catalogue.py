"""Every model by name, without loading one: nothing here imports a machine-learning library."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import ModuleType

from pipeline.bundle import bundle
from pipeline.errors import ModelError
from pipeline.models import minilm
from pipeline.models.bundled import bundled_models, bundled_spec
from pipeline.models.fingerprint import code_version
from pipeline.models.known import (
    beats,
    encodecmae,
    hugging_face,
    python_factory,
    s3prl,
    static_vectors,
    untrained,
    word_vectors,
)
from pipeline.models.known.names import did_you_mean
from pipeline.models.known.options import (
    SEED,
    TEXT,
    split_options,
    split_precision,
    with_asked,
)
from pipeline.models.layer_names import speech_layers, text_layers
from pipeline.models.spec import ModelSpec

# What may be asked for after the names of registered models.
_OPTIONS: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    "minilm": TEXT,
    "untrained:wav2vec2-base": SEED,
    "untrained:bert-base": SEED | TEXT,
    "control:lookup": SEED,
}
# The families that torch runs, whose models may also run in fewer digits.
# Raise it when models give other values in fewer digits; see precision.py, which needs torch.
_PRECISION_VERSION = 2

_IN_TORCH = frozenset(
    {
        *("text_transformer", "speech_transformer", "whisper_encoder", "spectrogram_transformer"),
        *("audio_codec", "s3prl_upstream", "beats", "encodecmae", "untrained"),
    }
)
# The kinds of names, in the order of lists; a new kind is a module of `pipeline.models.known`.
KINDS: tuple[ModuleType, ...] = (
    s3prl,
    beats,
    encodecmae,
    hugging_face,
    untrained,
    static_vectors,
    word_vectors,
    python_factory,
)


def model_names() -> tuple[str, ...]:
    """Return the names of the registered models, in the catalogue's order."""
    return tuple(spec.name for spec in catalogue())


def find_model(name: str) -> ModelSpec:
    """Return what is known of a model.

    Parameters
    ----------
    name : str
        A registered name, or one of a kind (``hf:ORG/NAME``, ``hf-text:FOLDER``, ``s3prl:NAME``,
        ``file:PATH``, ``untrained:hf:FOLDER``, ...), whose spec is named by the absolute path where
        there is one. After a ``?`` may follow ``seed=N`` where
        weights are random, and of text models ``tokens=first`` or ``last`` (which of a word's
        sub-word tokens stand for it, by default their mean) and ``context=word`` (each word is
        read alone). What torch runs may also be given ``precision=bf16`` or ``fp16``: faster on
        GPUs, and less exact (:mod:`pipeline.models.precision`).

    Raises
    ------
    ModelError
        If there is no such model, or the folder holds none that can be read; where a bundle is
        shown, if it is not of the bundle.

    Examples
    --------
    >>> find_model("minilm").dims
    384
    >>> find_model("untrained:bert-base?seed=3").source
    'random weights, seed 3'
    """
    if (shown := bundle()) is not None:
        return bundled_spec(shown, name)
    plain, precision = split_precision(name)
    spec = _find(plain)
    if precision == "fp32":
        return spec
    if spec.family not in _IN_TORCH:
        raise ModelError(
            f"{name}: torch does not run it, and it has one precision only; ask for {spec.name}"
        )
    mixed = with_asked(spec, {"precision": precision})
    return replace(mixed, fingerprint=f"{mixed.fingerprint}; in code {_PRECISION_VERSION}")


def _find(name: str) -> ModelSpec:
    base = name.partition("?")[0]
    specs = {spec.name: spec for spec in catalogue()}
    if base not in specs:
        spec: ModelSpec = kind_of(name).describe(name)
        return spec
    return with_asked(specs[base], split_options(name, _OPTIONS.get(base, {}))[1])


def known_models() -> tuple[ModelSpec, ...]:
    """Return every model that can be named without a path, on this machine or not.

    Where a bundle is shown, its models.
    """
    if (shown := bundle()) is not None:
        return tuple(bundled_models(shown).values())
    registered = catalogue()
    names = {spec.name for spec in registered}
    others = (spec for kind in KINDS for spec in kind.listed() if spec.name not in names)
    return (*registered, *others)


def kind_of(name: str) -> ModuleType:
    """Return the module of :mod:`pipeline.models.known` that knows names like this one.

    Raises
    ------
    ModelError
        If there is none.
    """
    for kind in KINDS:
        if name.startswith(kind.PREFIXES):
            return kind
    raise ModelError(_unknown(name))


def _unknown(name: str) -> str:
    hint = did_you_mean(name, model_names())
    known = dict.fromkeys(re.sub(":.*", ":NAME", registered) for registered in model_names())
    forms = dict.fromkeys(
        [*known, *(f"{prefix}NAME" for kind in KINDS for prefix in kind.PREFIXES)]
    )
    return f"unknown model {name!r}; {hint}Models are named {', '.join(forms)}"


@cache
def catalogue() -> tuple[ModelSpec, ...]:
    """Return the registered models."""
    transformer_code = code_version("torch", "transformers", minilm.PACKAGE)
    return (
        ModelSpec(
            name="minilm",
            family="text_transformer",
            modality="text",
            layer_names=text_layers(6),
            dims=384,
            fingerprint=f"sha256 {minilm.WEIGHTS_SHA256}, {transformer_code}",
            source=str(minilm.find_folder() or f"{minilm.PACKAGE} (not installed)"),
            licence="Apache-2.0",
            description="all-MiniLM-L6-v2, a small trained sentence encoder",
        ),
        *s3prl.baselines(),
        ModelSpec(
            name="untrained:wav2vec2-base",
            family="untrained",
            modality="speech",
            layer_names=speech_layers(12),
            dims=768,
            fingerprint=f"wav2vec2-base, {code_version('torch', 'transformers')}",
            sample_rate_hz=16_000,
            stride_samples=320,
            source="random weights, seed 0",
            licence="Apache-2.0",
            description="wav2vec 2.0 base that was never trained: what the architecture gives",
        ),
        ModelSpec(
            name="untrained:bert-base",
            family="untrained",
            modality="text",
            layer_names=text_layers(12),
            dims=768,
            fingerprint=f"bert-base, {transformer_code}",
            source="random weights, seed 0",
            licence="Apache-2.0",
            description="BERT base (uncased) that was never trained",
        ),
        ModelSpec(
            name="control:onehot",
            family="control",
            modality="control",
            layer_names=("0: which word it is, one dimension each",),
            dims=0,
            fingerprint=f"onehot, {code_version()}",
            source="the rows themselves",
            licence="none needed",
            description="Knows which word it is and nothing else",
        ),
        ModelSpec(
            name="control:speaker",
            family="control",
            modality="control",
            layer_names=("0: who speaks, one dimension each",),
            dims=0,
            fingerprint=f"speaker, {code_version()}",
            source="the rows themselves",
            licence="none needed",
            description="Knows who speaks and nothing of the word",
        ),
        ModelSpec(
            name="control:duration",
            family="control",
            modality="control",
            layer_names=("0: duration in seconds", "1: logarithm of the duration"),
            dims=1,
            fingerprint=f"duration, {code_version('numpy')}",
            source="the rows themselves",
            licence="none needed",
            description="Knows how long the word is and nothing else",
        ),
        ModelSpec(
            name="control:lookup",
            family="control",
            modality="control",
            layer_names=("0: a random vector for each word",),
            dims=300,
            fingerprint=f"lookup, {code_version('numpy')}",
            source="random vectors, seed 0",
            licence="none needed",
            description="A random vector for each word: shared geometry by repetition alone",
        ),
    )
