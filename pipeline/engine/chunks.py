"""How the utterances of a job are dealt out to tasks."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from pipeline.corpus.utterance import Utterance

Chunk = tuple[Utterance, ...]


def chunks(utterances: Sequence[Utterance], chunk_s: float) -> Iterator[Chunk]:
    """Split utterances, in order, into chunks of about `chunk_s` seconds of speech."""
    elapsed_s, chunk_of = 0.0, {}
    for utterance in utterances:
        chunk_of[utterance.id] = int(elapsed_s // chunk_s)
        elapsed_s += utterance.duration_s
    for _, chunk in groupby(utterances, key=lambda utterance: chunk_of[utterance.id]):
        yield tuple(chunk)


def halves(chunk: Chunk) -> tuple[Chunk, Chunk]:
    """Split a chunk of two utterances or more."""
    middle = len(chunk) // 2
    return chunk[:middle], chunk[middle:]
