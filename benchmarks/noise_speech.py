"""Recordings as long as LibriSpeech's, with as many words: noise that swells word by word."""

from pathlib import Path

import numpy as np
import soundfile

from pipeline.corpus.utterance import Utterance
from pipeline.time_axis import Interval

SAMPLE_RATE_HZ = 16_000
SHORTEST_S, LONGEST_S = 2.0, 16.0
WORDS_A_SECOND = 2.7


def write_speech(folder: Path, minutes: float) -> list[Utterance]:
    """Write recordings of so many minutes in all, and return them with the times of their words."""
    generator = np.random.default_rng(0)
    utterances: list[Utterance] = []
    left_s = 60 * minutes
    while left_s > 0:
        duration_s = min(float(generator.uniform(SHORTEST_S, LONGEST_S)), max(left_s, SHORTEST_S))
        utterances.append(_write(folder, len(utterances), round(duration_s, 2), generator))
        left_s -= duration_s
    return utterances


def _write(
    folder: Path, number: int, duration_s: float, generator: np.random.Generator
) -> Utterance:
    count = round(WORDS_A_SECOND * duration_s)
    # A tenth of the time nobody speaks, before and after.
    edges = np.linspace(0.05 * duration_s, 0.95 * duration_s, count + 1).tolist()
    words = tuple(f"word{index}" for index in range(count))
    intervals = [Interval(word, *edges[at : at + 2]) for at, word in enumerate(words)]
    times = np.arange(round(duration_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    loudness = 0.02 + 0.1 * np.sin(np.pi * WORDS_A_SECOND * times) ** 2
    path = folder / f"{number:04d}.flac"
    soundfile.write(path, loudness * generator.standard_normal(len(times)), SAMPLE_RATE_HZ)
    return Utterance(path.stem, "speaker", path, duration_s, words, intervals)
