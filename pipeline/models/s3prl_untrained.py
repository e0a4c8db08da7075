"""Upstreams of s3prl with the random weights that their own constructors draw."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import torch

from pipeline.errors import ModelError
from pipeline.models.known.s3prl_zoo import Upstream
from pipeline.models.s3prl_building import build_upstream


def build_untrained(upstream: Upstream, path: Path, seed: int) -> torch.nn.Module:
    """Return the module that a checkpoint configures, without the checkpoint's weights.

    Raises
    ------
    ModelError
        As :func:`pipeline.models.s3prl_building.build_upstream`, and where s3prl loads no weights.
    """
    loaded: list[torch.nn.Module] = []
    with _loading_nothing(loaded), torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        module = build_upstream(upstream, path)
    if not loaded:
        raise ModelError(f"s3prl:{upstream.name} has no weights that could be untrained")
    return module


@contextmanager
def _loading_nothing(loaded: list[torch.nn.Module]) -> Iterator[None]:
    """Let modules keep what they have when they are to load weights, and note which were.

    s3prl's classes build and load in one constructor, so there is no moment between the two.
    """

    def keep(module: torch.nn.Module, *_: object, **__: object) -> object:
        loaded.append(module)
        return torch.nn.modules.module._IncompatibleKeys([], [])  # noqa: SLF001 - what it returns

    with patch.object(torch.nn.Module, "load_state_dict", keep):
        yield
