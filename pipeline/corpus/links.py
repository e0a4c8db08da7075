"""Refuse links that lead out of a folder: a corpus must not show the rest of the disk."""

from pathlib import Path

from pipeline.errors import CorpusError


def refuse_link_out(path: Path, folder: Path) -> None:
    """Do nothing if a file lies in a folder when all links are followed.

    Raises
    ------
    CorpusError
        If it does not.
    """
    if not path.resolve().is_relative_to(folder.resolve()):
        raise CorpusError(f"{path} is a link that leads out of {folder}; copy the file instead")
