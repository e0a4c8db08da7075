"""Which recordings a bundle holds, and their sound and picture."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import soundfile

from cache import Key, Store
from pipeline.corpus.digests import audio_digests
from pipeline.corpus.utterance import Corpus, Problem, Utterance
from pipeline.errors import AudioError, LayerScopeError
from pipeline.publishing.redacting import Redaction
from pipeline.recording_view import view_key
from pipeline.sound import as_flac


def chosen_recordings(
    corpus: Corpus, named: Iterable[str], most: int | None
) -> tuple[Utterance, ...]:
    """Return the utterances whose sound is handed on.

    Parameters
    ----------
    corpus : Corpus
    named : iterable of str
        Those that come first: what views and analyses name.
    most : int or None
        How many at most; None: all.
    """
    order = dict.fromkeys((*(name for name in named if name in corpus.by_id), *corpus.by_id))
    return tuple(corpus.by_id[name] for name in list(order)[:most])


def write_sound(utterance: Utterance, place: Path) -> str | None:
    """Write an utterance's sound as FLAC; return why it cannot be, None: it is there."""
    try:
        place.write_bytes(as_flac(utterance.audio, utterance.segment))
    except (soundfile.LibsndfileError, AudioError, ValueError, FileNotFoundError) as error:
        return f"{utterance.id}: its recording cannot be read ({type(error).__name__})"
    return None


def picture_key(
    utterance: Utterance, digests: Mapping[str, str], store: Store
) -> tuple[Key | None, str | None]:
    """Return the key of what is drawn of a recording, drawn now if it never was, or why not."""
    if utterance.id not in digests:
        return None, f"{utterance.id}: its recording cannot be read"
    key = view_key(digests[utterance.id])
    if not store.missing([key]):
        return key, None
    try:
        from pipeline.rendering import store_recording_view  # noqa: PLC0415 - loads librosa
    except ImportError:
        return None, f"{utterance.id}: its picture needs librosa (requirements.txt), or a visit"
    try:
        store_recording_view(store, utterance, digests[utterance.id])
    except LayerScopeError as error:
        return None, f"{utterance.id}: its picture cannot be drawn ({type(error).__name__})"
    return key, None


def published_corpus(corpus: Corpus, store: Store, redaction: Redaction, name: str) -> Corpus:
    """Return a corpus as a bundle describes it: nothing of where it lay."""
    return replace(
        corpus,
        name=name,
        utterances=tuple(_published(each, corpus, redaction) for each in corpus.utterances),
        unaligned=tuple(_published(each, corpus, redaction) for each in corpus.unaligned),
        problems=tuple(_told(each, corpus, redaction) for each in corpus.problems),
        known_fingerprint=corpus.fingerprint,
        known_digests=audio_digests(corpus, store),
    )


def _published(utterance: Utterance, corpus: Corpus, redaction: Redaction) -> Utterance:
    metadata = {name: redaction.prose(value) for name, value in utterance.metadata.items()}
    # The bundle says itself where its recordings lie.
    return replace(utterance, audio=corpus.root / "sound", metadata=metadata)


def _told(problem: Problem, corpus: Corpus, redaction: Redaction) -> Problem:
    try:
        file = problem.file.relative_to(corpus.root)
    except ValueError:
        file = Path(problem.file.name)
    return replace(problem, file=file, reason=redaction.prose(problem.reason))
