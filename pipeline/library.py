"""The corpora and models of this user: opened, listed, added and remembered."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from cache import Store
from pipeline import variables
from pipeline.configuration import allowed_roots, extra_models, home, open_store
from pipeline.corpus import opening
from pipeline.corpus.registry import add_corpus, check_name, registered
from pipeline.corpus.utterance import Corpus
from pipeline.errors import CorpusError, LayerScopeError, ModelError
from pipeline.models import registry
from pipeline.models.catalogue import find_model, known_models
from pipeline.models.spec import ModelSpec


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


def register_corpus(
    name: str, path: Path, alignments: Path | None, *, store: Store | None = None
) -> Corpus:
    """Open a corpus, and register it under a name.

    Raises
    ------
    CorpusError
        If the name cannot be had, the corpus cannot be opened, or it lies outside of the folders
        that are allowed.
    """
    check_name(name, home())
    corpus = open_corpus(path, alignments, store=store)
    add_corpus(name, path, alignments, home())
    return corpus


def register_aligned(name: str, corpus_name: str, alignments: Path) -> Corpus:
    """Register a corpus once more, with other alignments.

    Raises
    ------
    CorpusError
        As :func:`register_corpus`, and of the demonstration, which has its own.
    """
    check_name(name, home())
    corpus = open_corpus(corpus_name, alignments)
    path = {each.name: each.path for each in registered(home())}.get(corpus_name)
    add_corpus(name, path or Path(corpus_name), alignments, home())
    return corpus


@dataclass(frozen=True)
class ListedModels:
    """The models that lists and menus offer.

    Attributes
    ----------
    specs : tuple of ModelSpec
        Those that can be named without a path, on this machine or not, then those of the
        environment and those that were added.
    unusable : mapping of str to str
        Why one of the environment or an added one cannot be used, by name.
    """

    specs: tuple[ModelSpec, ...]
    unusable: dict[str, str] = field(default_factory=dict)


def listed_models() -> ListedModels:
    """Return every model that can be named without a path, and those that a user named.

    Raises
    ------
    ModelError
        If the list of added models is damaged.
    """
    specs = {spec.name: spec for spec in known_models()}
    unusable = {}
    for name, place in extra_models().items():
        try:
            spec = find_model(name)
            specs[spec.name] = spec
        except ModelError as error:
            unusable[name] = f"{place}: {error}"
    return ListedModels(tuple(specs.values()), unusable)


def register_model(name: str) -> ModelSpec:
    """Add a model on this machine to the lists and menus; its spec is returned.

    Raises
    ------
    ModelError
        If it is no model, is listed already, lies outside of the folders that are allowed, or is
        code: who runs LayerScope names such a model in the environment.
    """
    if name.startswith("python:"):
        raise ModelError(
            f"{name}: a model written in Python runs any code; who runs LayerScope can name it in "
            "LAYERSCOPE_MODELS"
        )
    refuse_model_outside(name)
    spec = find_model(name)
    if not spec.on_disk:
        raise ModelError(f"{spec.name} is not on this machine; fetch it first")
    if spec.name in {known.name for known in known_models()}:
        raise ModelError(f"{spec.name} is listed already; nothing has to be added")
    registry.add_model(spec.name, home())
    return spec


def refuse_model_outside(name: str) -> None:
    """Do nothing unless a name holds a path to what lies outside, or that links to outside.

    What the environment names may lie anywhere: who runs LayerScope put it there.

    Raises
    ------
    ModelError
        If it does.
    """
    if name in variables.listed("MODELS"):
        return
    parts = name.partition("?")[0].split(":")
    # Prefixes may be several, as in untrained:hf:FOLDER; and a path may hold a colon.
    for place in (":".join(parts[start:]) for start in range(1, len(parts))):
        path = Path(os.path.expanduser(place))  # noqa: PTH111 - leaves an unknown user's as it is
        if str(path).startswith("~") or "\0" in place:
            raise ModelError(f"{name}: expected the path of a folder or a file; write all of it")
        if path.is_absolute() or path.exists():
            for file in (path, *_files_of(path)):
                refuse_outside(file, ModelError)


def _files_of(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        raise ModelError(f"{folder}: cannot be opened ({error.strerror})") from error


def refuse_outside(path: Path, error: type[LayerScopeError] = CorpusError) -> None:
    """Do nothing if a path lies in a folder that data may lie in.

    Raises
    ------
    LayerScopeError
        If it does not: an `error`.
    """
    roots = allowed_roots()
    # What was aligned here lies in a folder of our own.
    own = home() / "alignments"
    if "\0" in str(path):
        raise error(f"{str(path)!r} is no path; check it")
    # Unlike Path.resolve, this takes a link to itself.
    resolved = Path(os.path.realpath(path))
    if roots and not any(resolved.is_relative_to(root) for root in (*roots, own)):
        listed = ", ".join(map(str, roots))
        raise error(
            f"{path} lies outside of the folders that corpora and models may lie in "
            f"(LAYERSCOPE_ROOTS: {listed}); move it there, or ask who runs this server"
        )
