"""Download models from the Hugging Face hub into its cache, by the hub's own client."""

import errno
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import ModelError
from pipeline.models.hub import repository_folder

if TYPE_CHECKING:
    from huggingface_hub import DryRunFileInfo

# What a model is loaded from: nothing pickled, no code.
SAFE_FILES = ("*.safetensors", "*.json", "*.txt", "*.model")
# Folders of a repository hold copies for other libraries.
_NEVER = ("*/*", "*.py", "*.bin", "*.pkl", "*.pickle")
# A kind may name a .pt file whose tensors it can read without unpickling.
_WEIGHTS = (".safetensors", ".pt")


def fetch(repo_id: str, revision: str | None = None, patterns: Sequence[str] = SAFE_FILES) -> Path:
    """Download a repository's files; those that an earlier, stopped download finished are kept.

    Parameters
    ----------
    repo_id : str
    revision : str, optional
        By default ``main``.
    patterns : sequence of str
        Which files; code and pickles are never among them.

    Returns
    -------
    Path
        The folder of the files.

    Raises
    ------
    ModelError
        If downloads are switched off, the hub cannot be reached or does not have or give them, they
        hold no weights that can be read safely, or the disk is too full.
    """
    repository_folder(repo_id, revision)
    from huggingface_hub import errors, is_offline_mode  # noqa: PLC0415 - heavy

    if is_offline_mode():
        raise ModelError(
            f"{repo_id}: offline: HF_HUB_OFFLINE forbids downloads; unset it and fetch again"
        )
    asked: dict[str, Any] = {
        "repo_id": repo_id,
        "revision": revision,
        "allow_patterns": list(patterns),
        "ignore_patterns": list(_NEVER),
        # The client itself reads these once, when it is imported.
        "cache_dir": os.environ.get("HF_HUB_CACHE") or None,
        "endpoint": os.environ.get("HF_ENDPOINT") or None,
    }
    try:
        return _download(repo_id, asked)
    except errors.GatedRepoError as error:
        raise ModelError(
            f"{repo_id} is gated: accept its conditions at https://huggingface.co/{repo_id}, run "
            "hf auth login, and fetch again"
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise ModelError(
            f"{repo_id}: the hub has no such model, or it is private; check its name, or run hf "
            "auth login"
        ) from error
    except errors.RevisionNotFoundError as error:
        raise ModelError(
            f"{repo_id}: the hub has no revision {revision!r} of it; see "
            f"https://huggingface.co/{repo_id}/tree/main"
        ) from error
    except OSError as error:
        raise ModelError(f"{repo_id}: {_reason(error)}") from error


def _download(repo_id: str, asked: dict[str, Any]) -> Path:
    from huggingface_hub import errors, snapshot_download  # noqa: PLC0415 - as above

    try:
        planned = _planned(asked)
        if not any(Path(file.filename).suffix in _WEIGHTS for file in planned):
            raise ModelError(
                f"{repo_id}: it has no safetensors weights, and others are pickled: a pickle can "
                "run any code on this machine; look for a conversion among its pull requests on "
                "the hub"
            )
        _require_space(repo_id, sum(file.file_size or 0 for file in planned if file.will_download))
        return Path(snapshot_download(**asked))
    # httpx's or httpx2's, as the hub's client uses.
    except errors.HTTPError as error:  # type: ignore[attr-defined]
        if isinstance(error, OSError):
            raise
        raise OSError(str(error)) from error


def _planned(asked: dict[str, Any]) -> "list[DryRunFileInfo]":
    """Return which files would be downloaded, and how large they are."""
    from huggingface_hub import errors, snapshot_download  # noqa: PLC0415 - as above

    try:
        return snapshot_download(**asked, dry_run=True)
    except errors.DryRunError as error:
        raise error.__cause__ or error from None


def _require_space(repo_id: str, needed_bytes: int) -> None:
    folder = repository_folder(repo_id)
    while not folder.exists():
        folder = folder.parent
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < needed_bytes:
        raise ModelError(
            f"{repo_id}: needs {needed_bytes / 1e9:.1f} GB, and the disk of {folder} has "
            f"{free_bytes / 1e9:.1f} GB free; make room, or set HF_HUB_CACHE to a folder on another"
        )


def _reason(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            "the disk became full while it was downloaded; make room, or set HF_HUB_CACHE to a "
            "folder on another disk, and fetch again"
        )
    # Of the hub's client, the cause says more than the advice.
    first_line = str(error.__cause__ or error).strip().splitlines() or [type(error).__name__]
    return f"the hub did not give it ({first_line[0]}); is this machine connected? Then fetch again"
