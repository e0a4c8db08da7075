"""A corpus remembered as a record: opened again without reading its files, while none changes."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from cache import CacheError, Key, Record, Store
from pipeline.corpus.packed_intervals import PackedIntervals, Table
from pipeline.corpus.utterance import Corpus, Problem, Utterance
from pipeline.time_axis import Interval

# Raise it when a corpus comes out otherwise from the same files.
INDEX_VERSION = 3

_log = logging.getLogger(__name__)


def index_key(root: Path, alignments: Path, manifest: Path | None) -> Key:
    """Return the key under which the corpus of these places is remembered."""
    places = {"root": str(root), "alignments": str(alignments), "manifest": str(manifest or "")}
    return Key("corpus index", INDEX_VERSION, places)


def remember(store: Store, key: Key, corpus: Corpus, signature: str) -> Corpus:
    """Write a corpus, and return it; `signature` says of which state of its files."""
    arrays, metadata = as_record(corpus)
    try:
        store.put(key, arrays, {"signature": signature, **metadata}, {"corpus": corpus.name})
    except CacheError as error:
        _log.warning("the corpus %s is read anew each time: %s", corpus.name, error)
    return replace(corpus, known_fingerprint=corpus.fingerprint)


def as_record(corpus: Corpus) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return a corpus as the arrays and the metadata of a record."""
    utterances = (*corpus.utterances, *corpus.unaligned)
    words = Table.of(interval for each in utterances for interval in each.word_intervals)
    phones = Table.of(interval for each in utterances for interval in each.phone_intervals)
    metadata = {
        "name": corpus.name,
        "fingerprint": corpus.fingerprint,
        "aligner": corpus.aligner,
        "unaligned": len(corpus.unaligned),
        "utterances": [_described(each, corpus.root) for each in utterances],
        "problems": [
            [str(each.file), each.reason, each.utterance, each.line, each.left_out]
            for each in corpus.problems
        ],
        "word_vocabulary": list(words.vocabulary),
        "phone_vocabulary": list(phones.vocabulary),
    }
    return words.arrays("word") | phones.arrays("phone"), metadata


def recall(store: Store, key: Key, root: Path, signature: str) -> Corpus | None:
    """Return the corpus as it was remembered, or None if its files have changed since."""
    record = store.get(key)
    if record is None or record.metadata["signature"] != signature:
        return None
    return from_record(record, root)


def _described(utterance: Utterance, root: Path) -> list[object]:
    segment = utterance.segment
    return [
        utterance.id,
        utterance.speaker,
        utterance.audio.relative_to(root).as_posix(),
        utterance.duration_s,
        utterance.words,
        len(utterance.phone_intervals),
        utterance.sex,
        dict(utterance.metadata),
        None if segment is None else [segment.start, segment.end],
        utterance.sample_rate_hz,
    ]


def from_record(record: Record, root: Path) -> Corpus:
    """Return the corpus that :func:`as_record` described, as one below a folder."""
    said: Mapping[str, Any] = record.metadata
    words = Table.from_arrays(record.arrays, "word", said["word_vocabulary"])
    phones = Table.from_arrays(record.arrays, "phone", said["phone_vocabulary"])
    utterances = _utterances(said["utterances"], words, phones, root)
    aligned = len(utterances) - said["unaligned"]
    return Corpus(
        said["name"],
        root,
        utterances[:aligned],
        tuple(
            Problem(Path(file), reason, utterance, line, left_out)
            for file, reason, utterance, line, left_out in said["problems"]
        ),
        utterances[aligned:],
        said["aligner"],
        said["fingerprint"],
    )


def _utterances(
    described: Sequence[Any], words: Table, phones: Table, root: Path
) -> tuple[Utterance, ...]:
    spoken = [tuple(each[4]) for each in described]
    word_ends = list(accumulate(map(len, spoken)))
    phone_ends = list(accumulate(each[5] for each in described))
    return tuple(
        Utterance(
            id=name,
            speaker=speaker,
            audio=root / audio,
            duration_s=duration_s,
            words=spoken[index],
            word_intervals=PackedIntervals(
                words, word_ends[index] - len(spoken[index]), word_ends[index]
            ),
            phone_intervals=PackedIntervals(
                phones, phone_ends[index] - phone_count, phone_ends[index]
            ),
            sex=sex,
            metadata=metadata,
            segment=None if segment is None else Interval(name, *segment),
            sample_rate_hz=sample_rate_hz,
        )
        for index, (
            name,
            speaker,
            audio,
            duration_s,
            _,
            phone_count,
            sex,
            metadata,
            segment,
            sample_rate_hz,
        ) in enumerate(described)
    )
