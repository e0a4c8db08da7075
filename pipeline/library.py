"""The corpora of this user: opened by name, folder or manifest, and remembered in the store."""

import os
from pathlib import Path

from cache import Store
from pipeline.configuration import allowed_roots, home, open_store
from pipeline.corpus import opening
from pipeline.corpus.registry import registered
from pipeline.corpus.utterance import Corpus
from pipeline.errors import CorpusError


def open_corpus(
    name_or_path: str | Path, alignments: str | Path | None = None, *, store: Store | None = None
) -> Corpus:
    """Open a corpus, as :func:`pipeline.corpus.opening.open_corpus`.

    Registered names are known, and what was read once is not read again while no file changes.

    Parameters
    ----------
    store : Store, optional
        By default this user's.

    Raises
    ------
    CorpusError
        If there is no such corpus, or it lies outside of the folders that are allowed.
    """
    if str(name_or_path) not in {corpus.name for corpus in registered(home())}:
        refuse_outside(Path(name_or_path))
    if alignments:
        refuse_outside(Path(alignments))
    if store is not None:
        return opening.open_corpus(name_or_path, alignments, registry_folder=home(), store=store)
    with open_store() as own:
        return opening.open_corpus(name_or_path, alignments, registry_folder=home(), store=own)


def refuse_outside(path: Path) -> None:
    """Do nothing if a path lies in a folder that corpora may lie in.

    Raises
    ------
    CorpusError
        If it does not.
    """
    roots = allowed_roots()
    # Unlike Path.resolve, this takes a link to itself.
    resolved = Path(os.path.realpath(path))
    if roots and not any(resolved.is_relative_to(root) for root in roots):
        listed = ", ".join(map(str, roots))
        raise CorpusError(
            f"{path} lies outside of the folders that corpora may lie in (LAYERSCOPE_ROOTS: "
            f"{listed}); move it there, or ask who runs this server"
        )
