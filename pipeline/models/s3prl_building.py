"""Modules of s3prl from files on this machine: nothing is downloaded, and nothing unpickled."""

import argparse
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import torch
from transformers import Wav2Vec2FeatureExtractor

from pipeline.errors import ModelError
from pipeline.models.known.s3prl_rows import BYOL_A_STRIDE_S, BYOL_A_WINDOW_S
from pipeline.models.known.s3prl_zoo import Upstream
from pipeline.models.pretrained import LOCAL_ONLY, load_encoder
from pipeline.models.s3prl_checkpoint import (
    for_s3prl,
    read_checkpoint,
    require_complete,
)

# vq_apc is a function of another family's module.
_EXPERTS = {"vq_apc": "apc"}


def build_upstream(upstream: Upstream, path: Path) -> torch.nn.Module:
    """Return the module of s3prl's with the weights at `path`.

    s3prl's own functions for names are not called: they download what is not there.

    Parameters
    ----------
    upstream : Upstream
    path : Path
        The checkpoint; for the ``hf_`` families the folder; ignored by computed features.

    Raises
    ------
    ModelError
        If the file is damaged, of another model, incomplete, or holds code.
    """
    if upstream.family == "baseline":
        # Not s3prl.hub: it imports families that fail beside torchaudio 2.11.
        hubconf = import_module("s3prl.upstream.baseline.hubconf")
        return _quietly(getattr(hubconf, upstream.name))
    if upstream.family in ("hf_wav2vec2", "hf_hubert"):
        return _of_hugging_face(upstream.family, path)
    before = path.stat()
    module = _from_checkpoint(upstream, path)
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise ModelError(f"{path}: it changed while it was read; open it again")
    return module


def _from_checkpoint(upstream: Upstream, path: Path) -> torch.nn.Module:
    content = read_checkpoint(path)
    if upstream.family == "byol_a":
        return _byol_a(upstream, path)
    with for_s3prl(upstream.family, path, content) as readable:
        module = _expert(upstream.family, path, readable)
    require_complete(upstream.family, path, content, module)
    if upstream.family == "cpc":
        context: Any = module.get_submodule("model.gAR")
        context.keepHidden = False  # each recording on its own
    return module


def _of_hugging_face(family: str, folder: Path) -> torch.nn.Module:
    """Load what s3prl would download where it cannot be loaded, or go on with random numbers."""
    load_encoder(folder)
    with _errors_of_s3prl(family, folder):
        Wav2Vec2FeatureExtractor.from_pretrained(folder, **LOCAL_ONLY)
    return _expert(family, folder)


def _expert(family: str, path: Path, readable: Path | None = None) -> torch.nn.Module:
    with _errors_of_s3prl(family, path):
        expert = import_module(f"s3prl.upstream.{_EXPERTS.get(family, family)}.expert")
        return _quietly(lambda: expert.UpstreamExpert(str(readable or path)))


def _byol_a(upstream: Upstream, path: Path) -> torch.nn.Module:
    dims = int(upstream.name.removeprefix("byol_a_"))
    with _errors_of_s3prl(upstream.family, path):
        hubconf = import_module("s3prl.upstream.byol_a.hubconf")
        expert = import_module("s3prl.upstream.byol_a.expert")
        return _quietly(
            lambda: expert.UpstreamExpert(
                str(path), hubconf.DEFAULT_CONFIG_PATH, dims, BYOL_A_WINDOW_S, BYOL_A_STRIDE_S
            )
        )


def _quietly(build: Callable[[], Any]) -> torch.nn.Module:
    """Build without what s3prl prints and warns of, leaving the random numbers as they were."""
    with (
        redirect_stdout(StringIO()),
        warnings.catch_warnings(),
        torch.random.fork_rng(devices=[]),
        torch.serialization.safe_globals([argparse.Namespace]),  # settings of the command line
    ):
        warnings.simplefilter("ignore")
        module: torch.nn.Module = build()
        return module


@contextmanager
def _errors_of_s3prl(family: str, path: Path) -> Iterator[None]:
    """Say in one line that s3prl could not make a model of a file."""
    try:
        yield
    except MemoryError as error:
        raise ModelError(f"{path}: its model does not fit into memory; free some") from error
    except (
        *(AssertionError, AttributeError, LookupError, NotImplementedError, OSError),
        *(RuntimeError, TypeError, ValueError, ArithmeticError, ImportError, SyntaxError),
    ) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        said = " ".join(lines[:2]) or type(error).__name__
        raise ModelError(
            f"{path}: s3prl cannot make its {family} of it ({said[:300]}); is it a checkpoint of "
            "that family, in s3prl's layout?"
        ) from error
