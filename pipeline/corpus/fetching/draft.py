"""A folder for work that must appear as a whole or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def draft_for(target: Path) -> Iterator[Path]:
    """Make a folder beside a target, from which finished things are renamed into place.

    It is deleted at the end, and what a killed process left of it at the next beginning; only one
    process may do this for a target.
    """
    folder = target.with_name(f".{target.name}.draft")
    _delete(folder)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        _delete(folder)


def _delete(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
