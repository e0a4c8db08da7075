"""What of an utterance deserves a look although it is used: flags on it and on its words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from pipeline.alignments.alignment import UNKNOWN
from pipeline.corpus.checks import LONGEST_WORD_S, SHORTEST_WORD_S, USUAL_SAMPLE_RATE_HZ
from pipeline.corpus.fitting import ROUNDING_S
from pipeline.corpus.packed_intervals import durations_s, ends_s
from pipeline.corpus.utterance import Corpus, Utterance
from pipeline.time_axis import Interval

FlagKind = Literal[
    "note", "no time", "short", "long", "unknown", "outside", "rate", "sound", "frames"
]

CORPUS_FLAGS: Mapping[FlagKind, str] = MappingProxyType(
    {
        "note": "Notes of the corpus check",
        "no time": "Words without a time",
        "short": "Very short words",
        "long": "Very long words",
        "unknown": "Words unknown to the aligner",
        "outside": "Words past the end",
        "rate": "Low sample rate",
    }
)
"""The kinds that the labels of a corpus tell; the others take the sound, or a model's frames."""


@dataclass(frozen=True)
class Flag:
    """Something to look at.

    Attributes
    ----------
    kind : str
    text : str
        What is odd, in a few words.
    word : int or None
        Its index in the transcript; None where the whole utterance is meant.
    """

    kind: FlagKind
    text: str
    word: int | None = None


def utterance_flags(utterance: Utterance) -> tuple[Flag, ...]:
    """Return what the labels of an utterance tell; the notes of the corpus are not among it."""
    rate_hz = utterance.sample_rate_hz
    flags = [
        Flag(kind, text, index)
        for index, interval in enumerate(utterance.word_intervals)
        for kind, text in _word_flags(interval, utterance.duration_s)
    ]
    if rate_hz is not None and rate_hz < USUAL_SAMPLE_RATE_HZ:
        flags.insert(0, Flag("rate", f"sampled at {rate_hz} Hz, so that high frequencies lack"))
    return tuple(flags)


def _word_flags(interval: Interval | None, duration_s: float) -> Iterator[tuple[FlagKind, str]]:
    if interval is None:
        yield "no time", "the alignment does not say when it was spoken"
        return
    if interval.duration < SHORTEST_WORD_S:
        yield "short", f"shorter than {1000 * SHORTEST_WORD_S:.0f} ms"
    if interval.duration > LONGEST_WORD_S:
        yield "long", f"longer than {LONGEST_WORD_S:.0f} s"
    if interval.label.casefold() in UNKNOWN:
        yield "unknown", "unknown to the aligner, so that its times may be poor"
    if interval.end > duration_s + ROUNDING_S:
        yield "outside", f"ends {1000 * (interval.end - duration_s):.0f} ms after the recording"


def flagged_utterances(corpus: Corpus) -> dict[str, frozenset[FlagKind]]:
    """Return the kinds of flags of each utterance that has any, the notes of the corpus included.

    Words that the aligner did not know are looked for where the corpus has a note, as it has on
    every such word.
    """
    noted = {problem.utterance for problem in corpus.problems}
    found = {
        each.id: frozenset(_kinds(each, is_noted=each.id in noted)) for each in corpus.utterances
    }
    return {name: kinds for name, kinds in found.items() if kinds}


def _kinds(utterance: Utterance, *, is_noted: bool) -> Iterator[FlagKind]:
    intervals, rate_hz = utterance.word_intervals, utterance.sample_rate_hz
    lengths_s = durations_s(intervals)
    if is_noted:
        yield "note"
        if any(each is not None and each.label.casefold() in UNKNOWN for each in intervals):
            yield "unknown"
    if np.isnan(lengths_s).any():
        yield "no time"
    if (lengths_s < SHORTEST_WORD_S).any():
        yield "short"
    if (lengths_s > LONGEST_WORD_S).any():
        yield "long"
    if (ends_s(intervals) > utterance.duration_s + ROUNDING_S).any():
        yield "outside"
    if rate_hz is not None and rate_hz < USUAL_SAMPLE_RATE_HZ:
        yield "rate"
