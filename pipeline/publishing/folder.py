"""A folder that is whole or not there: written beside its place, then put into it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from pipeline.bundle import is_bundle
from pipeline.errors import BundleError


def refuse_taken(folder: Path, home: Path) -> None:
    """Do nothing if a bundle may be written to a place: what is new, empty, or a bundle.

    Raises
    ------
    BundleError
        If something else is there, or it lies in the home folder.
    """
    if folder.resolve().is_relative_to(home):
        raise BundleError(f"{folder} lies in {home}, which is not handed on; choose another place")
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise BundleError(f"{folder} is no folder; name a new one, or an older bundle")
    if folder.is_dir() and any(folder.iterdir()) and not is_bundle(folder):
        raise BundleError(
            f"{folder} holds something that is no bundle; name a new folder, or an older bundle"
        )


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """Yield a new folder, which takes its place once the block ends without an error.

    Raises
    ------
    BundleError
        If it cannot be made there.
    """
    draft = folder.with_name(f".{folder.name}.{uuid4().hex[:8]}.tmp")
    try:
        draft.mkdir(parents=True)
        yield draft
        _take_place(draft, folder)
    except OSError as error:
        raise BundleError(
            f"{folder} cannot be written ({error}); free space, or choose another"
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _take_place(draft: Path, folder: Path) -> None:
    if not folder.exists():
        draft.rename(folder)
        return
    older = draft.with_suffix(".old")
    folder.rename(older)
    draft.rename(folder)
    shutil.rmtree(older, ignore_errors=True)
