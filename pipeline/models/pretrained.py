"""Weights of a local Hugging Face folder, complete and in float32; nothing is downloaded or run."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from transformers import AutoFeatureExtractor, AutoModel, PreTrainedModel

from pipeline.errors import ModelError

# For every from_pretrained: this machine's files only, and none of their code.
LOCAL_ONLY: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}

# Weights that the hidden states of a model in eval mode do not depend on.
_UNUSED = ("pooler.", "masked_spec_embed")
# Where a speech model has what makes its hidden states; what lies elsewhere may be left unused.
_ENCODERS = ("encoder.", "encoder_", "feature_extractor.", "feature_projection.", "embeddings.")
# What transformers raises for files that are damaged, or say what it does not know.
_LOADING_ERRORS = (
    OSError, ImportError, KeyError, TypeError, ValueError, RuntimeError,
    SafetensorError, StrictDataclassError,
)  # fmt: skip


def load_encoder(folder: Path) -> PreTrainedModel:
    """Return the model in `folder`, or its encoder where it also has a decoder.

    Raises
    ------
    ModelError
        If it cannot be loaded, or some weights are missing and would be random numbers.
    """
    model, _ = _load(folder)
    return _encoder_of(model)


def load_speech_encoder(folder: Path) -> PreTrainedModel:
    """Return the model that hears in `folder`, or its encoder where it also has a decoder.

    Raises
    ------
    ModelError
        As for `load_encoder`; also if the encoder has weights that its architecture does not know:
        the architectures are so alike that the wrong one would run, and give other values.
    """
    model, info = _load(folder)
    prefix = f"{model.base_model_prefix}."
    foreign = [
        key for key in info["unexpected_keys"] if key.removeprefix(prefix).startswith(_ENCODERS)
    ]
    if foreign:
        raise ModelError(
            f"{folder}: {len(foreign)} weights have no place in a {model.config.model_type} "
            f"encoder ({min(foreign)}, ...); does config.json belong to these weights?"
        )
    return _encoder_of(model)


def load_feature_extractor(folder: Path) -> Callable[..., Mapping[str, torch.Tensor]]:
    """Return what turns the samples of a recording into the inputs of the model in `folder`.

    Raises
    ------
    ModelError
        If transformers knows no such thing, or a file that it needs is damaged.
    """
    try:
        extractor: Callable[..., Mapping[str, torch.Tensor]] = AutoFeatureExtractor.from_pretrained(  # type: ignore[no-untyped-call]
            folder, **LOCAL_ONLY
        )
    except _LOADING_ERRORS as error:
        raise ModelError(
            f"{folder}: transformers cannot load its feature extractor: {_one_line(error)}"
        ) from error
    return extractor


def _load(folder: Path) -> tuple[PreTrainedModel, dict[str, Any]]:
    try:
        model, info = AutoModel.from_pretrained(
            folder,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
            # So that we hear of them, and can name one.
            ignore_mismatched_sizes=True,
            **LOCAL_ONLY,
        )
    except _LOADING_ERRORS as error:
        raise ModelError(f"{folder}: transformers cannot load it: {_one_line(error)}") from error
    missing = [key for key in info["missing_keys"] if not any(part in key for part in _UNUSED)]
    if missing:
        raise ModelError(
            f"{folder}: {len(missing)} weights are missing ({missing[0]}, ...); does config.json "
            "belong to these weights?"
        )
    if info["mismatched_keys"]:
        key, found, expected = min(info["mismatched_keys"])
        raise ModelError(
            f"{folder}: {key} has the shape {tuple(found)}, but by config.json it should have "
            f"{tuple(expected)}; do they belong together?"
        )
    return model, info


def _encoder_of(model: PreTrainedModel) -> PreTrainedModel:
    encoder: PreTrainedModel = model.get_encoder() if model.config.is_encoder_decoder else model
    return encoder


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
