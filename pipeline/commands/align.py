"""``align``: which frames each word has, as a table and in the original study's JSON layout."""

import argparse
import csv
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import numpy as np

from pipeline.commands import options as shared
from pipeline.corpus.utterance import Corpus, Utterance
from pipeline.settings import AlignmentSettings, FrameRule
from pipeline.time_axis import FrameTimes, stride_in_samples, to_samples
from pipeline.words.spans import word_spans

NAME = "align"
DEFAULT_STRIDE_MS, DEFAULT_SAMPLE_RATE_HZ = 20.0, 16_000


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    shared.add_corpus(parser)
    shared.add_grid(parser)
    parser.add_argument("--frame-rule", choices=get_args(FrameRule), default="centre")
    parser.add_argument("--out", type=Path, required=True, help="folder for the two files")
    shared.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Write both files."""
    corpus = shared.corpus_from(options)
    asked = AlignmentSettings(
        frame_rule=options.frame_rule,
        sample_rate_hz=shared.sample_rate_from(options),
        stride_ms=options.stride,
    )
    stride_ms = asked.stride_ms or DEFAULT_STRIDE_MS
    sample_rate_hz = asked.sample_rate_hz or DEFAULT_SAMPLE_RATE_HZ
    aligned = list(align(corpus, stride_ms, sample_rate_hz, asked.frame_rule))
    options.out.mkdir(parents=True, exist_ok=True)
    suffix = f"{stride_ms:g}_{sample_rate_hz / 1000:g}"
    table = options.out / f"frames_{suffix}.csv"
    thesis = options.out / f"audio_alignments_{suffix}.json"
    write_table(aligned, table)
    write_thesis_json(aligned, corpus.root, thesis)
    shared.report_problems(corpus)
    words = sum(int(np.sum(spans[:, 0] < spans[:, 1])) for _, spans in aligned)
    values = {"utterances": len(aligned), "words": words, "files": [table, thesis]}
    shared.report(options, values, f"{words} words of {len(aligned)} utterances: {table}, {thesis}")
    return 0


Aligned = tuple[Utterance, np.ndarray]
"""An utterance and the half-open frame range of each of its words."""


def align(
    corpus: Corpus, stride_ms: float, sample_rate_hz: int, rule: FrameRule
) -> Iterator[Aligned]:
    """Yield each utterance with its words' frames on a grid of one frame every `stride_ms`."""
    stride_samples = stride_in_samples(stride_ms, sample_rate_hz)
    for utterance in corpus.utterances:
        samples = int(to_samples(utterance.duration_s, sample_rate_hz))
        count = math.ceil(samples / stride_samples)
        frames = FrameTimes.regular(
            count, sample_rate_hz=sample_rate_hz, stride_samples=stride_samples
        )
        yield utterance, word_spans(utterance.word_intervals, frames, rule)


def write_table(aligned: list[Aligned], path: Path) -> None:
    """Write one line a word; frames are half open, empty where the word has none."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["utterance", "index", "word", "start_s", "end_s", "frame", "end_frame"])
        for utterance, spans in aligned:
            for index, word in enumerate(utterance.words):
                interval, (first, end) = utterance.word_intervals[index], spans[index].tolist()
                times = (interval.start, interval.end) if interval else ("", "")
                frames = (first, end) if first < end else ("", "")
                writer.writerow([utterance.id, index, word, *times, *frames])


def write_thesis_json(aligned: list[Aligned], root: Path, path: Path) -> None:
    """Write utterance path -> {"transcript_audio": ..., word: [[first, last], ...]}.

    Both frames belong to the word, as in the original scripts.
    """
    layout: dict[str, dict[str, object]] = {}
    for utterance, spans in aligned:
        words: dict[str, list[list[int]]] = {}
        for word, (first, end) in zip(utterance.words, spans.tolist(), strict=True):
            if first < end:
                words.setdefault(word, []).append([first, end - 1])
        name = utterance.audio.relative_to(root).as_posix()
        layout[name] = {"transcript_audio": " ".join(utterance.words), **words}
    path.write_text(json.dumps(layout, ensure_ascii=False, indent=1), encoding="utf-8")
