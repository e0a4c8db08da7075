"""What enters a model's fingerprint: the bytes of its weights and the code that runs them."""

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pipeline import variables
from pipeline.errors import SettingsError

# Raise it when a module of this package would give other values than before.
CODE_VERSION = 2

_CONTENT_SUFFIXES = {".json", ".model", ".safetensors", ".txt"}


def code_version(*packages: str) -> str:
    """Return the version of this package's code and of the `packages` that it calls.

    A local version (``+cu128``) is dropped: builds of one release for other hardware are one. Where
    a package is not installed, what LAYERSCOPE_WORKER_REQUIREMENTS pins counts: that file tells a
    web process without models what the workers have.

    Raises
    ------
    SettingsError
        If that file cannot be read.
    """
    return ", ".join([f"code {CODE_VERSION}", *map(_version_of, packages)])


def _version_of(package: str) -> str:
    try:
        return f"{package} {version(package).split('+')[0]}"
    except PackageNotFoundError:
        pinned = pinned_versions(variables.said("WORKER_REQUIREMENTS")).get(package)
        return f"{package} {pinned}" if pinned else f"{package} not installed"


@lru_cache(maxsize=4)
def pinned_versions(file: str) -> Mapping[str, str]:
    """Return the version of every package that a file of requirements pins, none without a file.

    Raises
    ------
    SettingsError
        If the file cannot be read, or pins nothing.
    """
    if not file:
        return {}
    try:
        text = Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"LAYERSCOPE_WORKER_REQUIREMENTS names {file}, which cannot be read ({error})"
        ) from error
    pinned = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;+#]+)", text, re.MULTILINE))
    if not pinned:
        raise SettingsError(
            f"LAYERSCOPE_WORKER_REQUIREMENTS names {file}, which pins nothing; expected lines such "
            "as torch==2.11.0"
        )
    return pinned


def folder_sha256(folder: Path) -> str:
    """Return one SHA-256 over the configuration, weight and tokenizer files of `folder`."""
    files = sorted(path for path in folder.iterdir() if path.suffix in _CONTENT_SUFFIXES)
    lines = [f"{path.name} {file_sha256(path)}\n" for path in files if path.is_file()]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, computed again only after its size or time has changed."""
    status = path.stat()
    return _file_sha256(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=1024)
def _file_sha256(path: Path, _size: int, _modified_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
