"""A corpus as a bundle holds it: words and times in a record, and the sound of some utterances."""

from dataclasses import replace
from typing import Any

import numpy as np

from cache import FrozenStore, Key, Record, Store
from pipeline.bundle import Bundle
from pipeline.corpus.index import as_record, from_record
from pipeline.corpus.utterance import Corpus
from pipeline.errors import BundleError, CorpusError, LayerScopeError

_DIGESTS = "audio_digests"
_DAMAGED = (LookupError, TypeError, ValueError, AttributeError, LayerScopeError)


def bundled_key(name: str) -> Key:
    """Return the key under which a bundle holds a corpus."""
    return Key("bundled corpus", 1, {"name": name})


def bundled_record(corpus: Corpus) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return a corpus that knows its digests as the arrays and the metadata of a record."""
    arrays, metadata = as_record(corpus)
    return arrays, {**metadata, _DIGESTS: dict(corpus.known_digests or {})}


def open_bundled(bundle: Bundle, name: str, store: Store | None = None) -> Corpus:
    """Open a corpus of a bundle.

    Its recordings lie where the bundle keeps them, whatever the record says.

    Parameters
    ----------
    bundle : Bundle
    name : str
    store : Store, optional
        The bundle's, where it is open.

    Raises
    ------
    CorpusError
        If it is not of the bundle.
    BundleError
        If what the bundle says of it is damaged.
    """
    if name not in bundle.corpora:
        raise CorpusError(
            f"{name!r} is no corpus of this bundle; it has {', '.join(bundle.corpora)}"
        )
    record = (store or FrozenStore(bundle.folder)).get(bundled_key(name))
    try:
        if record is None:
            raise ValueError("it is not there")
        return _corpus(bundle, name, record)
    except _DAMAGED as error:
        raise BundleError(
            f"{bundle.folder}: the corpus {name} is damaged ({error!r}); publish it again"
        ) from error


def _corpus(bundle: Bundle, name: str, record: Record) -> Corpus:
    digests = {str(each): str(sha256) for each, sha256 in record.metadata[_DIGESTS].items()}
    corpus = from_record(record, bundle.folder)
    utterances = tuple(
        replace(each, audio=bundle.sound_of(name, number), segment=None)
        for number, each in enumerate(corpus.utterances)
    )
    return replace(corpus, name=name, utterances=utterances, known_digests=digests)
