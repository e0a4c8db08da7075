"""Weights of s3prl's zoo, into the folder where s3prl keeps its downloads."""

import os
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.models.known.s3prl import describe
from pipeline.models.known.s3prl_files import downloaded
from pipeline.models.spec import ModelSpec

_OFFLINE = ("LAYERSCOPE_OFFLINE", "HF_HUB_OFFLINE")


def fetch(name: str) -> ModelSpec:
    """Download the weights of ``s3prl:NAME``, with progress, unless they are here; return its spec.

    Raises
    ------
    ModelError
        If there is no such model, the network is switched off or fails, or what came is damaged.
    """
    spec = describe(name)
    if spec.on_disk:
        return spec
    for variable in _OFFLINE:
        if os.environ.get(variable, "").lower() not in ("", "0", "false", "no"):
            raise ModelError(
                f"{name} is not on this machine, and {variable} forbids downloads; unset it, or "
                f"bring {spec.source} to {downloaded(spec.source)}"
            )
    _download(spec.source, downloaded(spec.source))
    return describe(name)


def _download(address: str, path: Path) -> None:
    from s3prl.util import download  # noqa: PLC0415 - heavy, and needed only here

    try:
        download.download(path, address, refresh=False)
    # What its two ways raise: both kinds of network errors are OSErrors; a header may be missing.
    except (OSError, LookupError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"{address} cannot be downloaded ({error}); is this machine connected? Else bring the "
            f"file to {path}"
        ) from error
    from pipeline.models.s3prl_checkpoint import read_checkpoint  # noqa: PLC0415 - imports torch

    try:
        read_checkpoint(path)
    except ModelError:
        path.unlink()  # else it would be taken for the model's
        raise
