"""What of an utterance's sound, and of a model's frames of it, deserves a look."""

from collections.abc import Iterator

import numpy as np

from pipeline.corpus.flags import Flag
from pipeline.corpus.utterance import Utterance
from pipeline.recording_view import PEAKS_PER_S, RecordingView
from pipeline.words.storage import WordEmbeddings

# Of the loudest sample: 40 dB below it, hardly anything is spoken.
QUIETEST_WORD = 0.01


def sound_flags(utterance: Utterance, view: RecordingView) -> tuple[Flag, ...]:
    """Return where a recording is silent or was cut off at full scale."""
    if not np.any(view.peaks):
        return (Flag("sound", "every sample is zero"),)
    flags = [*_quiet_words(utterance, view), *_clipped_words(utterance, view)]
    if len(view.clipped_s):
        times = len(view.clipped_s)
        text = f"cut off at full scale {times} {'time' if times == 1 else 'times'}"
        flags.insert(0, Flag("sound", text))
    return tuple(flags)


def _quiet_words(utterance: Utterance, view: RecordingView) -> Iterator[Flag]:
    loudness = np.abs(view.peaks).max(axis=1)
    for index, interval in enumerate(utterance.word_intervals):
        if interval is None:
            continue
        first = int(interval.start * PEAKS_PER_S)
        heard = loudness[first : max(first + 1, int(interval.end * PEAKS_PER_S))]
        if heard.size and heard.max() < QUIETEST_WORD:
            yield Flag("sound", "hardly a sound: 40 dB below the loudest", index)


def _clipped_words(utterance: Utterance, view: RecordingView) -> Iterator[Flag]:
    from_s, to_s = view.clipped_s.T
    for index, interval in enumerate(utterance.word_intervals):
        if interval is not None and np.any((from_s < interval.end) & (to_s > interval.start)):
            yield Flag("sound", "cut off at full scale", index)


def frame_flags(utterance: Utterance, embeddings: WordEmbeddings, model: str) -> tuple[Flag, ...]:
    """Return the words that have a time, but not one frame of a model."""
    pooled = set(embeddings.token_ids.tolist())
    return tuple(
        Flag("frames", f"no frame of {model}", index)
        for index, interval in enumerate(utterance.word_intervals)
        if interval is not None and index not in pooled
    )
