"""Weights of a local Hugging Face folder, complete and in float32; nothing is downloaded or run."""

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoModel, PreTrainedModel

from pipeline.errors import ModelError

# For every from_pretrained: this machine's files only, and none of their code.
LOCAL_ONLY: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}

# Weights that the hidden states of a model in eval mode do not depend on.
_UNUSED = ("pooler.", "masked_spec_embed")


def load_encoder(folder: Path) -> PreTrainedModel:
    """Return the model in `folder`, or its encoder where it also has a decoder.

    Raises
    ------
    ModelError
        If it cannot be loaded, or some weights are missing and would be random numbers.
    """
    try:
        model, info = AutoModel.from_pretrained(
            folder,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
            **LOCAL_ONLY,
        )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise ModelError(f"{folder}: transformers cannot load it: {error}") from error
    missing = [key for key in info["missing_keys"] if not any(part in key for part in _UNUSED)]
    if missing:
        raise ModelError(
            f"{folder}: {len(missing)} weights are missing ({missing[0]}, ...); does config.json "
            "belong to these weights?"
        )
    encoder: PreTrainedModel = model.get_encoder() if model.config.is_encoder_decoder else model
    return encoder
