"""SHA-256 of what is heard of each utterance, remembered while a file keeps its size and time."""

import hashlib
from pathlib import Path
from typing import Any

from cache import Key, Store
from pipeline.corpus.utterance import Corpus
from pipeline.time_axis import Interval


def audio_digests(corpus: Corpus, store: Store) -> dict[str, str]:
    """Return the digest of each utterance's audio, by utterance id.

    It is that of the file, or of the file and the segment. A file that cannot be read is not in
    the result.
    """
    if corpus.known_digests is not None:
        return dict(corpus.known_digests)
    key = Key("audio digests", 1, {"root": str(corpus.root)})
    record = store.get(key)
    known: dict[str, Any] = {} if record is None else dict(record.metadata)
    found: dict[str, list[object]] = {}
    # Of many segments of one recording, the file is read once.
    for audio in dict.fromkeys(utterance.audio for utterance in corpus.utterances):
        entry = _entry(audio, known.get(str(audio)))
        if entry is not None:
            found[str(audio)] = entry
    if not found.items() <= known.items():
        store.put(key, {}, known | found, {"corpus": corpus.name})
    return {
        utterance.id: _digest(str(found[str(utterance.audio)][-1]), utterance.segment)
        for utterance in corpus.utterances
        if str(utterance.audio) in found
    }


def _digest(of_file: str, segment: Interval | None) -> str:
    if segment is None:
        return of_file
    return hashlib.sha256(f"{of_file} {segment.start!r} {segment.end!r}".encode()).hexdigest()


def _entry(audio: Path, known: list[object] | None) -> list[object] | None:
    """Return size, time of change and digest of an audio file."""
    try:
        status = audio.stat()
        stamp: list[object] = [status.st_size, status.st_mtime_ns]
        if known is not None and known[:-1] == stamp:
            return known
        with audio.open("rb") as file:
            return [*stamp, hashlib.file_digest(file, "sha256").hexdigest()]
    except OSError:
        return None
