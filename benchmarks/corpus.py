"""Opening a corpus of LibriSpeech dev-clean's size: the first time, and once it is remembered."""

import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile

from benchmarks.ratio import Ratio, best_seconds
from cache import Store
from pipeline.alignments.textgrid_writer import write_textgrid
from pipeline.corpus.opening import open_corpus
from pipeline.time_axis import Interval

UTTERANCES, SPEAKERS, WORDS_AN_UTTERANCE, PHONES_A_WORD = 2703, 40, 17, 4
DURATION_S, SAMPLE_RATE_HZ, VOCABULARY = 7.0, 16_000, 8000


def ratios() -> Iterator[Ratio]:
    """Time the opening beside reading every file as bytes, which no reader can do without."""
    with TemporaryDirectory() as folder, Store(Path(folder) / "store") as store:
        audio, alignments = write_corpus(Path(folder))
        name = f"{UTTERANCES} utterances, {UTTERANCES * WORDS_AN_UTTERANCE} words"
        first, reading = best_seconds(
            lambda: open_corpus(audio, alignments), lambda: _read_all(alignments), repeats=2
        )
        yield Ratio(f"opening a corpus of {name}", first, "reading its alignments' bytes", reading)
        open_corpus(audio, alignments, store=store)
        again, listing = best_seconds(
            lambda: open_corpus(audio, alignments, store=store),
            lambda: _stat_all(Path(folder)),
        )
        yield Ratio(f"opening it again: {name}", again, "looking at each file's size", listing)


def write_corpus(
    folder: Path, utterances: int = UTTERANCES, duration_s: float = DURATION_S
) -> tuple[Path, Path]:
    """Write recordings, transcripts and TextGrids with words and phones; return both folders."""
    rng = random.Random(0)  # noqa: S311 - nothing secret
    noise = np.random.default_rng(0).normal(0, 0.1, round(duration_s * SAMPLE_RATE_HZ))
    soundfile.write(folder / "noise.flac", noise, SAMPLE_RATE_HZ)
    sound = (folder / "noise.flac").read_bytes()
    for number in range(utterances):
        speaker = number % SPEAKERS
        words = [f"word{rng.randrange(VOCABULARY)}" for _ in range(WORDS_AN_UTTERANCE)]
        name = f"{speaker}-1-{number:04d}"
        chapter = folder / "audio" / str(speaker) / "1"
        chapter.mkdir(parents=True, exist_ok=True)
        (chapter / f"{name}.flac").write_bytes(sound)
        with (chapter / f"{speaker}-1.trans.txt").open("a") as file:
            file.write(f"{name} {' '.join(words).upper()}\n")
        phones = [word for word in words for _ in range(PHONES_A_WORD)]
        tiers = {"words": _spread(words, duration_s), "phones": _spread(phones, duration_s)}
        aligned = folder / "alignments" / str(speaker) / "1"
        aligned.mkdir(parents=True, exist_ok=True)
        write_textgrid(aligned / f"{name}.TextGrid", tiers, duration_s)
    return folder / "audio", folder / "alignments"


def _spread(labels: list[str], duration_s: float) -> list[Interval]:
    edges = np.linspace(0.0, duration_s, len(labels) + 1).round(3).tolist()
    return [Interval(label, *edges[at : at + 2]) for at, label in enumerate(labels)]


def _read_all(folder: Path) -> int:
    return sum(len(path.read_bytes()) for path in folder.rglob("*.TextGrid"))


def _stat_all(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*"))
