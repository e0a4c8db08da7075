"""Where LayerScope keeps things, and what the environment decides.

LAYERSCOPE_HOME        folder of the store, the lists of corpora and models, and the engine's files
                       (default: ~/.cache/layerscope)
LAYERSCOPE_MODELS      further models for the dashboard's menus, separated by commas,
                       e.g. ``hf-text:/models/bert,hf-speech:/models/wav2vec2``
LAYERSCOPE_ALLOW_PYTHON_MODELS
                       1: models may be named ``python:MODULE:FACTORY``, which runs that code
                       (read by pipeline.models.known.python_factory; default: not allowed)
LAYERSCOPE_ROOTS       folders that corpora must lie in, and models that are added; separated as in
                       PATH (default: anywhere)
LAYERSCOPE_SCHEDULER   address of a Dask scheduler to use instead of this machine's own
LAYERSCOPE_STORE_LIMIT what the store may take of the disk, e.g. ``200GB`` or ``500MiB``; work is
                       refused beyond it, nothing is deleted (default: as large as the disk)
LAYERSCOPE_SHARED      where several hosts share results, e.g. ``file:///mnt/shared/layerscope``
                       (a folder that exists) or ``s3://bucket/folder`` (with s3fs installed)
LAYERSCOPE_WORKERS     how many workers share the CPU where there is no GPU (default: 1)
"""

import os
import re
from pathlib import Path

from cache import SharedTier, Store
from pipeline.errors import SettingsError
from pipeline.models.registry import added_models

_UNITS = {"b": 1} | {
    f"{letter}{ending}": base ** (power + 1)
    for power, letter in enumerate("kmgt")
    for ending, base in (("b", 1000), ("ib", 1024))
}


def home() -> Path:
    """Return the folder that holds everything LayerScope writes; made if absent."""
    folder = Path(os.environ.get("LAYERSCOPE_HOME") or Path.home() / ".cache" / "layerscope")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder.resolve()


def open_store() -> Store:
    """Open the store of this user.

    Raises
    ------
    SettingsError
        If LAYERSCOPE_STORE_LIMIT is no size.
    """
    limit = os.environ.get("LAYERSCOPE_STORE_LIMIT")
    return Store(home() / "store", size_from(limit, "LAYERSCOPE_STORE_LIMIT") if limit else None)


def shared_tier() -> SharedTier | None:
    """Return where several hosts share results, None if nowhere.

    Raises
    ------
    CacheError
        If LAYERSCOPE_SHARED is no URL of a file system, or no package for it is installed.
    """
    url = os.environ.get("LAYERSCOPE_SHARED")
    return SharedTier(url) if url else None


def size_from(text: str, name: str) -> int:
    """Return the bytes that a text such as ``200GB`` or ``1.5 GiB`` says.

    Parameters
    ----------
    text : str
    name : str
        Of the setting, for the error.

    Raises
    ------
    SettingsError
        If it says none.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?) *([kmgt]?i?b)", text.strip().lower(), re.ASCII)
    if found is None or found[2] not in _UNITS:
        raise SettingsError(
            f"{name}: expected a size such as 200GB, 1.5TB or 500MiB, found {text!r}"
        )
    return round(float(found[1]) * _UNITS[found[2]])


def extra_models() -> dict[str, str]:
    """Return the further models that the environment names or a user added, and where.

    Raises
    ------
    ModelError
        If the list of added models is damaged.
    """
    listed = os.environ.get("LAYERSCOPE_MODELS", "").split(",")
    named = {name.strip(): "LAYERSCOPE_MODELS" for name in listed if name.strip()}
    return dict.fromkeys(added_models(home()), "models.json") | named


def allowed_roots() -> tuple[Path, ...]:
    """Return the folders that data must lie in; none: it may lie anywhere."""
    listed = os.environ.get("LAYERSCOPE_ROOTS", "").split(os.pathsep)
    return tuple(Path(folder).resolve() for folder in listed if folder.strip())


def scheduler_address() -> str | None:
    """Return the address of the Dask scheduler to use, None for this machine's own."""
    return os.environ.get("LAYERSCOPE_SCHEDULER") or None


def worker_count() -> int:
    """Return how many workers share the CPU where there is no GPU.

    Raises
    ------
    SettingsError
        If the environment says something else than a whole number from 1.
    """
    said = os.environ.get("LAYERSCOPE_WORKERS") or "1"
    if not said.isdecimal() or int(said) < 1:
        raise SettingsError(
            f"LAYERSCOPE_WORKERS is {said!r}; expected how many workers share the CPU, from 1"
        )
    return int(said)
