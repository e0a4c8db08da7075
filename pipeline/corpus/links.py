"""Refuse links that lead out of a folder: a corpus must not show the rest of the disk."""

import os
from pathlib import Path

from pipeline.errors import CorpusError


def refuse_link_out(path: Path, folder: Path) -> None:
    """Do nothing if a file lies in a folder when all links are followed.

    Raises
    ------
    CorpusError
        If it does not.
    """
    # Unlike Path.resolve, this takes a link to itself, whose reader then says what is wrong.
    if not Path(os.path.realpath(path)).is_relative_to(folder.resolve()):
        raise CorpusError(f"{path} is a link that leads out of {folder}; copy the file instead")
