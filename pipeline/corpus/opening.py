"""From a corpus' name, folder or manifest to the corpus."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from cache import Store
from pipeline.bundle import bundle
from pipeline.corpus import demonstration, manifest
from pipeline.corpus.alignment_folder import AlignmentFolder
from pipeline.corpus.assembling import assemble
from pipeline.corpus.bundled import open_bundled
from pipeline.corpus.index import index_key, recall, remember
from pipeline.corpus.layouts import layout_of
from pipeline.corpus.librispeech import speakers_signature
from pipeline.corpus.manifest_rows import SUFFIXES
from pipeline.corpus.registry import registered
from pipeline.corpus.tree import FileTree, composed
from pipeline.corpus.utterance import Corpus
from pipeline.errors import CorpusError


def open_corpus(
    name_or_path: str | Path,
    alignments: str | Path | None = None,
    *,
    registry_folder: Path | None = None,
    store: Store | None = None,
) -> Corpus:
    """Open a corpus.

    Parameters
    ----------
    name_or_path : str or Path
        A registered name, a folder in one of the known layouts, or a manifest.
    alignments : str or Path, optional
        Folder of the alignments, where they do not lie beside the audio; by default the one
        that was registered.
    registry_folder : Path, optional
        Where names are registered; without it, only ``"demo"`` is a name.
    store : Store, optional
        Remembers the corpus, so that its files are read again only when one has changed.

    Raises
    ------
    CorpusError
        If there is no such corpus, or the folder holds none; where a bundle is shown, if it is not
        of the bundle.
    """
    if (shown := bundle()) is not None:
        return open_bundled(shown, str(name_or_path), store)
    known = {corpus.name: corpus for corpus in registered(registry_folder)}
    entry = known.get(str(name_or_path))
    folder = Path(alignments) if alignments else None
    if entry is None:
        return _open_path(Path(name_or_path), folder, list(known), store)
    if entry.path is None:
        if folder is not None:
            raise CorpusError(f"{entry.name} has its own alignments; leave {folder} out")
        return demonstration.open_demonstration()
    opened = _open_path(entry.path, folder or entry.alignments, list(known), store)
    return replace(opened, name=entry.name)


def _open_path(
    path: Path, alignments: Path | None, names: list[str], store: Store | None
) -> Corpus:
    try:
        is_there = path.exists()
    except OSError as error:
        raise CorpusError(f"{path}: cannot be opened ({error.strerror})") from error
    if not is_there:
        raise CorpusError(
            f"{path} is neither a folder nor a registered corpus ({', '.join(names)})"
        )
    if path.is_dir():
        return _open_tree(path, None, alignments, store)
    if path.suffix.casefold() not in SUFFIXES:
        raise CorpusError(
            f"{path} is a file; name the folder that holds the corpus, or a manifest "
            f"({', '.join(sorted(SUFFIXES))})"
        )
    return _open_tree(path.parent, path, alignments, store)


def _open_tree(
    root: Path, manifest_path: Path | None, alignments: Path | None, store: Store | None
) -> Corpus:
    tree = FileTree.scan(root)
    aligned = tree
    if alignments is not None and alignments.resolve() != tree.root:
        if not alignments.is_dir():
            raise CorpusError(f"{alignments}: expected the folder of the alignments; it is none")
        aligned = FileTree.scan(alignments)
    if store is None:
        with _all_kept():
            return _read(tree, manifest_path, aligned)
    key = index_key(tree.root, aligned.root, manifest_path)
    signature = f"{tree.signature} {aligned.signature} {speakers_signature(tree.root)}"
    corpus = recall(store, key, tree.root, signature)
    if corpus is None:
        with _all_kept():
            corpus = remember(store, key, _read(tree, manifest_path, aligned), signature)
    return corpus


@contextmanager
def _all_kept() -> Iterator[None]:
    """Collect no garbage: what a corpus is made of is all kept, and looking took a tenth longer."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _read(tree: FileTree, manifest_path: Path | None, aligned: FileTree) -> Corpus:
    if manifest_path is None:
        name, listing = tree.root.name, layout_of(tree).list_utterances(tree)
    else:
        path = tree.locate(PurePosixPath(composed(manifest_path.name)))
        name, listing = manifest.corpus_name(path), manifest.list_rows(tree, path)
    return assemble(name, tree, listing, AlignmentFolder(aligned))
