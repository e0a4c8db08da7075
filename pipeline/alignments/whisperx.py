"""Transcripts with word times of whisperX, and of Whisper itself (``--word_timestamps True``)."""

import math
from collections.abc import Iterator, Mapping

from pipeline.alignments.alignment import Alignment, Mark, Tier
from pipeline.alignments.json_node import Node
from pipeline.alignments.source import Source
from pipeline.alignments.tiers import alignment_from_tiers

_TIMES = ("start", "end")
# whisperX' name, and Whisper's.
_CONFIDENCES = ("score", "probability")


def is_whisperx(source: Source) -> bool:
    """Tell whether a JSON file has segments."""
    return "segments" in Node.root(source)


def read_whisperx(source: Source) -> Mapping[str, Alignment]:
    """Return the words that have times; the others are noted.

    Raises
    ------
    AlignmentError
        If a segment has no list of words: it was transcribed but not aligned.
    """
    words = list(_words(Node.root(source)))
    timed = [word for word in words if all(time in word for time in _TIMES)]
    untimed = [word for word in words if not all(time in word for time in _TIMES)]
    notes = tuple(
        f"{word.place}: word {word['word'].text().strip()!r} has no times and is left out"
        for word in untimed
    )
    tier = Tier("interval", "words", 0.0, math.inf, tuple(map(_mark, timed)), notes=notes)
    return {source.name: alignment_from_tiers(source, [tier])}


def _words(root: Node) -> Iterator[Node]:
    for segment in root["segments"].elements():
        yield from segment["words"].elements()


def _mark(word: Node) -> Mark:
    said = next((word[name].number() for name in _CONFIDENCES if name in word), None)
    return Mark(word["start"].number(), word["end"].number(), word["word"].text(), said)
