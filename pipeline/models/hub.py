"""Models of the Hugging Face hub, as far as its cache on this machine holds them.

The cache's layout (``models--ORG--NAME/{refs,snapshots}``) is documented, and read here: to import
the hub's own client takes a second, which naming a model must not.
"""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ModelError

# Pickled ones too: a model that has no others says so when it is asked for.
_WEIGHTS = (".safetensors", ".pt", ".bin")

_REPOSITORY = re.compile(r"(?:\w[\w.-]*/)?\w[\w.-]*")
_REVISION = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)*")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Snapshot:
    """A repository's files at one commit.

    Attributes
    ----------
    folder : Path
    commit : str
    """

    folder: Path
    commit: str


def is_repository(repo_id: str) -> bool:
    """Return whether a repository may be called so: ``ORG/NAME``, or ``NAME`` of the oldest."""
    return _REPOSITORY.fullmatch(repo_id) is not None


def cached_snapshot(repo_id: str, revision: str | None = None) -> Snapshot | None:
    """Return what the cache holds of a repository, None where that is nothing or lacks weights.

    Parameters
    ----------
    repo_id : str
        ``ORG/NAME``.
    revision : str, optional
        A branch, tag or commit; by default ``main``.

    Raises
    ------
    ModelError
        If a repository or revision cannot be called so.
    """
    repository = repository_folder(repo_id, revision)
    commit = _commit(repository, revision or "main")
    folder = repository / "snapshots" / commit
    return Snapshot(folder, commit) if commit and _is_whole(folder) else None


def cached_file(repo_id: str, filename: str) -> Path | None:
    """Return where the cache holds a file of the main branch, None where it does not."""
    repository = repository_folder(repo_id)
    file = repository / "snapshots" / _commit(repository, "main") / filename
    return file if file.is_file() else None


def repository_folder(repo_id: str, revision: str | None = None) -> Path:
    """Return where the cache holds a repository, if it does.

    Raises
    ------
    ModelError
        If a repository or revision cannot be called so.
    """
    if not is_repository(repo_id) or (revision is not None and not _REVISION.fullmatch(revision)):
        asked = repo_id if revision is None else f"{repo_id}@{revision}"
        raise ModelError(
            f"{asked}: expected ORG/NAME or ORG/NAME@REVISION, as a model is called on the hub"
        )
    from huggingface_hub import constants  # noqa: PLC0415 - few names need it

    cache = Path(os.environ.get("HF_HUB_CACHE") or constants.HF_HUB_CACHE).expanduser()
    return cache / f"models--{repo_id.replace('/', '--')}"


def _commit(repository: Path, revision: str) -> str:
    """Return the commit that a revision was when it was downloaded, empty where it never was."""
    if _COMMIT.fullmatch(revision):
        return revision
    reference = repository / "refs" / revision
    found = reference.read_text(encoding="utf-8").strip() if reference.is_file() else ""
    return found if re.fullmatch(r"\w+", found) else ""


def _is_whole(folder: Path) -> bool:
    """Return whether the weights are all there: a download may have been stopped."""
    if not folder.is_dir():
        return False
    try:
        listed = [
            json.loads(index.read_bytes()) for index in folder.glob("*.safetensors.index.json")
        ]
        parts = {part for index in listed for part in index["weight_map"].values()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return False
    files = {path.name for path in folder.iterdir() if path.is_file()}
    return parts <= files and any(Path(name).suffix in _WEIGHTS for name in files)
