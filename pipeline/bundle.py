"""A read-only bundle: what ``publish`` wrote of chosen views, as this server shows it.

The folder may come from anybody. Its list, ``bundle.json``, is plain values that are checked here;
places of files are made from numbers and from names of a few plain characters, never taken from it.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from pipeline import variables
from pipeline.errors import BundleError
from pipeline.link_parameters import Parameters, as_parameters

FORMAT: Final = 1
MARKER: Final = "layerscope_bundle"
LISTED: Final = "bundle.json"
SOUNDS: Final = "sounds"
LARGEST_LIST_BYTES: Final = 16 * 2**20
NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}", re.ASCII)
"""What a corpus of a bundle may be called."""

_NOT_A_BUNDLE = (OSError, LookupError, TypeError, ValueError, AttributeError, RecursionError)


@dataclass(frozen=True)
class BundledView:
    """A view that a bundle holds: its page, what it is called, and the parameters of its link."""

    page: str
    name: str
    note: str
    saved_at_s: float
    parameters: Parameters


@dataclass(frozen=True)
class Bundle:
    """What a bundle holds beside its records.

    Attributes
    ----------
    folder : Path
    views : tuple of BundledView
        At least one; the first is what a visitor sees first.
    models : tuple of mapping
        What is known of each model, as plain values.
    corpora : tuple of str
    """

    folder: Path
    views: tuple[BundledView, ...]
    models: tuple[Mapping[str, Any], ...]
    corpora: tuple[str, ...]

    def sound_of(self, corpus: str, number: int) -> Path:
        """Return where the recording of a corpus' utterance lies, if the bundle has it."""
        return self.folder / SOUNDS / corpus / f"{number:06d}.flac"

    @property
    def said(self) -> str:
        """What it is, in a sentence."""
        views = f"{len(self.views):,} {'view' if len(self.views) == 1 else 'views'}"
        return f"This is a read-only bundle: it holds {views} and what belongs to them."


def bundle() -> Bundle | None:
    """Return the bundle that this server shows, None: it is a server of its own.

    Raises
    ------
    BundleError
        If LAYERSCOPE_BUNDLE names no bundle.
    """
    named = variables.said("BUNDLE")
    return read_bundle(Path(named)) if named else None


@lru_cache(maxsize=4)
def read_bundle(folder: Path) -> Bundle:
    """Return what a folder says that it holds.

    Raises
    ------
    BundleError
        If it is no bundle, is of another version, or holds links or what is no file.
    """
    try:
        file = folder / LISTED
        if file.stat().st_size > LARGEST_LIST_BYTES:
            raise ValueError(f"it is larger than {LARGEST_LIST_BYTES:,} bytes")
        said = json.loads(file.read_bytes())
        version = said[MARKER]
    except _NOT_A_BUNDLE as error:
        raise BundleError(
            f"{folder} is no bundle: its {LISTED} cannot be read ({error}); name a folder that "
            "`python -m pipeline publish` wrote"
        ) from error
    if version != FORMAT:
        raise BundleError(
            f"{folder}: expected a bundle of version {FORMAT}, found {version!r}; publish it "
            "again, or show it by the LayerScope that wrote it"
        )
    _refuse_strange_files(folder)
    try:
        return _bundle(folder.resolve(), said)
    except _NOT_A_BUNDLE as error:
        raise BundleError(f"{folder / LISTED} is damaged ({error!r}); publish it again") from error


def is_bundle(folder: Path) -> bool:
    """Return whether a folder is a bundle, of whatever version."""
    try:
        return MARKER in json.loads((folder / LISTED).read_bytes())
    except _NOT_A_BUNDLE:
        return False


def _refuse_strange_files(folder: Path) -> None:
    for place, folders, files in os.walk(folder):
        for path in (Path(place) / name for name in (*folders, *files)):
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                raise BundleError(
                    f"{path} is a link, or no file; a bundle holds files of its own: remove it"
                )


def _bundle(folder: Path, said: Mapping[str, Any]) -> Bundle:
    views = tuple(map(_view, said["views"]))
    corpora = tuple(map(str, said["corpora"]))
    if not views:
        raise ValueError("it has no view")
    for name in corpora:
        if NAME.fullmatch(name) is None:
            raise ValueError(f"{name!r} cannot name a corpus")
    return Bundle(folder, views, tuple(map(dict, said["models"])), corpora)


def _view(said: Mapping[str, Any]) -> BundledView:
    page, name, note = (str(said[field]) for field in ("page", "name", "note"))
    return BundledView(
        page, name, note, float(said["saved_at_s"]), as_parameters(said["parameters"])
    )
