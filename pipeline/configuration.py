"""Where LayerScope keeps things, and what the environment decides; all of it can be checked.

:mod:`pipeline.variables` lists the variables, docs/configuration.md explains them.
"""

import atexit
import os
import re
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from cache import FrozenStore, SharedTier, Store
from pipeline import logs, variables
from pipeline.bundle import bundle
from pipeline.errors import SettingsError
from pipeline.models.fingerprint import pinned_versions
from pipeline.models.registry import added_models

_UNITS = {"b": 1} | {
    f"{letter}{ending}": base ** (power + 1)
    for power, letter in enumerate("kmgt")
    for ending, base in (("b", 1000), ("ib", 1024))
}


def home() -> Path:
    """Return the folder that holds everything LayerScope writes; made if absent.

    Where a bundle is shown it is an empty one, which goes when the process ends.
    """
    folder = _home()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder.resolve()


def _home() -> Path:
    if shown := variables.said("BUNDLE"):
        return _passing_folder(shown)
    return Path(os.environ.get("LAYERSCOPE_HOME") or Path.home() / ".cache" / "layerscope")


@lru_cache(maxsize=4)
def _passing_folder(_bundle: str) -> Path:
    folder = tempfile.mkdtemp(prefix="layerscope-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def open_store() -> Store:
    """Open the store of this user, or that of the bundle which is shown.

    Raises
    ------
    SettingsError
        If LAYERSCOPE_STORE_LIMIT is no size.
    BundleError, CacheError
        If LAYERSCOPE_BUNDLE names no bundle.
    """
    if (shown := bundle()) is not None:
        return FrozenStore(shown.folder)
    return Store(home() / "store", store_limit())


def store_limit() -> int | None:
    """Return how many bytes the store may take, None: as many as the disk has.

    Raises
    ------
    SettingsError
        If LAYERSCOPE_STORE_LIMIT is no size.
    """
    limit = variables.said("STORE_LIMIT")
    return size_from(limit, "LAYERSCOPE_STORE_LIMIT") if limit else None


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
    named = dict.fromkeys(variables.listed("MODELS"), "LAYERSCOPE_MODELS")
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
    return variables.whole_number("WORKERS", "how many workers share the CPU") or 1


def worker_memory() -> int | None:
    """Return how many bytes a worker may take, None: its share of the machine's.

    Raises
    ------
    SettingsError
        If LAYERSCOPE_WORKER_MEMORY is no size.
    """
    limit = variables.said("WORKER_MEMORY")
    return size_from(limit, "LAYERSCOPE_WORKER_MEMORY") if limit else None


def task_seconds() -> float | None:
    """Return how long one task may take, None: as long as it takes.

    Raises
    ------
    SettingsError
        If LAYERSCOPE_TASK_MINUTES is no number.
    """
    minutes = variables.number("TASK_MINUTES", "how many minutes one task may take")
    return None if minutes is None else 60 * minutes


def check() -> None:
    """Do nothing if the environment can be worked with.

    Raises
    ------
    SettingsError, BundleError, CacheError
        If a variable says what it cannot say, or there is none of that name.
    """
    variables.refuse_unknown()
    if bundle() is not None:
        open_store().close()
    store_limit()
    worker_count()
    worker_memory()
    task_seconds()
    shared_tier()
    pinned_versions(variables.said("WORKER_REQUIREMENTS"))
    logs.is_json()
    variables.chosen("ALLOW_PYTHON_MODELS", ["", "0", "1"])
    for root in allowed_roots():
        if not root.is_dir():
            raise SettingsError(
                f"LAYERSCOPE_ROOTS names {root}, which is no folder; expected folders separated by "
                f"{os.pathsep!r}"
            )
    there = next(folder for folder in (_home(), *_home().absolute().parents) if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise SettingsError(
            f"LAYERSCOPE_HOME is {_home()}, but {there} is no folder that this user may write; "
            "choose another"
        )
