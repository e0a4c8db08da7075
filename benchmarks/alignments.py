"""Reading a corpus of TextGrids, against praatio on the same files."""

import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from praatio import textgrid

from benchmarks.ratio import Ratio, best_seconds
from pipeline.alignments import read_recordings
from pipeline.alignments.textgrid_writer import write_textgrid
from pipeline.time_axis import Interval

# As many recordings as LibriSpeech's dev-clean has, each as long as one of LJSpeech.
FILES, WORDS, PHONES_PER_WORD = 2703, 17, 4
PHONE_S = 0.08


def ratios() -> Iterator[Ratio]:
    """Time all files from the disk to their words and phones."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [_write(Path(folder) / f"{index}.TextGrid", index) for index in range(FILES)]
        counted, expected = sum(map(_our_words, paths)), sum(map(_praatio_words, paths))
        if counted != expected or counted != FILES * WORDS:
            raise ValueError(f"read {counted} words where praatio reads {expected}")
        ours, praatio = best_seconds(
            lambda: [_our_words(path) for path in paths],
            lambda: [_praatio_words(path) for path in paths],
        )
    yield Ratio(f"{FILES} TextGrids, {counted} words", ours, "praatio", praatio)


def _write(path: Path, seed: int) -> Path:
    """Write words of four phones each, with a silence before the first and after the last."""
    steps = np.random.default_rng(seed).uniform(0.5, 1.5, WORDS * PHONES_PER_WORD + 2) * PHONE_S
    edges = np.cumsum(steps).round(3).tolist()
    phones = [Interval("AH0", start, end) for start, end in pairwise(edges[:-1])]
    words = [Interval("word", *pair) for pair in pairwise(edges[:-1:PHONES_PER_WORD])]
    write_textgrid(path, {"words": words, "phones": phones}, edges[-1])
    return path


def _our_words(path: Path) -> int:
    (alignment,) = read_recordings(path).values()
    return len(alignment.words)


def _praatio_words(path: Path) -> int:
    grid = textgrid.openTextgrid(str(path), includeEmptyIntervals=False)
    return len(grid.getTier("words").entries)
