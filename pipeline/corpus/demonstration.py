"""The corpus that comes with LayerScope: synthetic speech with exact word times."""

import csv
from collections.abc import Mapping
from pathlib import Path

import soundfile

from pipeline.alignments import read_alignment
from pipeline.corpus.utterance import Corpus, Utterance
from pipeline.errors import CorpusError

NAME = "demo"
DESCRIPTION = "Synthetic speech: 40 sentences by five espeak-ng voices"
FOLDER = Path(__file__).parent / "demonstration_data"


def open_demonstration() -> Corpus:
    """Open the demonstration corpus.

    Raises
    ------
    CorpusError
        If its files are not as they were shipped.
    AlignmentError
        If a TextGrid is missing or damaged.
    """
    with _shipped(FOLDER / "utterances.csv").open(encoding="utf-8", newline="") as file:
        utterances = [_utterance(row) for row in csv.DictReader(file)]
    return Corpus(NAME, FOLDER, tuple(sorted(utterances, key=lambda utterance: utterance.id)))


def _utterance(row: Mapping[str, str]) -> Utterance:
    audio = _shipped(FOLDER / row["speaker"] / f"{row['id']}.flac")
    alignment = read_alignment(audio.with_suffix(".TextGrid"))
    words = tuple(row["transcript"].split())
    found = tuple(word.label for word in alignment.words)
    if found != words:
        raise CorpusError(
            f"{audio.with_suffix('.TextGrid')}: expected the words {' '.join(words)!r}, "
            f"found {' '.join(found)!r}; reinstall LayerScope"
        )
    return Utterance(
        id=row["id"],
        speaker=row["speaker"],
        audio=audio,
        duration_s=soundfile.info(audio).duration,
        words=words,
        word_intervals=tuple(alignment.words),
        phone_intervals=tuple(alignment.phones),
        sex=row["sex"],
        metadata={"voice": row["voice"]},
    )


def _shipped(path: Path) -> Path:
    if not path.is_file():
        raise CorpusError(f"{path} is missing; reinstall LayerScope")
    return path
