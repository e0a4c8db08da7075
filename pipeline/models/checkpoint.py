"""Checkpoints of ``torch.save``: weights and plain values, and no code that comes with them."""

from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from pipeline.errors import ModelError


def load_checkpoint(path: Path) -> Mapping[str, Any]:
    """Return what a checkpoint holds, its tensors on the CPU.

    Raises
    ------
    ModelError
        If it cannot be read, is damaged, or holds anything but tensors and plain values.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        raise ModelError(
            f"{path}: expected tensors and plain values, found other objects, which could run any "
            "code on this machine when they are loaded; use the official checkpoint"
        ) from error
    except (OSError, RuntimeError, ValueError, EOFError, KeyError) as error:
        raise ModelError(
            f"{path}: torch cannot load it ({first_lines(error)}); copy or download it again"
        ) from error
    if not isinstance(content, Mapping):
        raise ModelError(f"{path}: expected a dictionary, found {type(content).__name__}")
    return content


def load_weights(path: Path, module: torch.nn.Module, weights: Mapping[str, torch.Tensor]) -> None:
    """Put `weights` into `module`, in float32.

    Raises
    ------
    ModelError
        If one is missing, or too many, or of another shape.
    """
    try:
        # Assigned, tensors that the file shares between layers stay shared.
        module.load_state_dict(weights, assign=True)
    except (RuntimeError, TypeError, AttributeError) as error:
        raise ModelError(
            f"{path}: its weights do not fit the architecture: {first_lines(error)}"
        ) from error
    module.float()


def first_lines(error: Exception) -> str:
    """Return the first two lines of an error of torch, as one."""
    return " ".join(line.strip() for line in str(error).splitlines()[:2])
