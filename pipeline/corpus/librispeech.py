"""A folder in LibriSpeech's layout, with TextGrids beside the audio or in a tree of their own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import soundfile

from pipeline.alignments import Alignment, read_alignment
from pipeline.alignments.matching import match_words
from pipeline.corpus.text_file import read_text
from pipeline.corpus.utterance import Corpus, Problem, Utterance
from pipeline.errors import AlignmentError, AudioError, CorpusError, LayerScopeError

TRANSCRIPTS = "*.trans.txt"
# An alignment may end this much after its recording: aligners round to their frames.
TOLERANCE_S = 0.05
_SPEAKER_COLUMNS = 5


@dataclass(frozen=True, eq=False)
class _Tree:
    """A corpus while it is read."""

    root: Path
    alignments: Path | None
    sexes: Mapping[str, str]
    grids: Mapping[str, list[Path]]
    problems: list[Problem] = field(default_factory=list)


def open_librispeech(root: Path, alignments: Path | None = None) -> Corpus:
    """Open every utterance below a folder that has audio, a transcript and an alignment.

    Parameters
    ----------
    root : Path
        Holds, at any depth, ``<speaker>-<chapter>.trans.txt`` beside ``<utterance>.flac``.
    alignments : Path, optional
        Holds ``<utterance>.TextGrid`` at the same relative path, or anywhere below if that name
        is unique there; by default they lie beside the audio.

    Returns
    -------
    Corpus
        What cannot be used is in its `problems`, with the file and the reason.
    """
    root = root.resolve()
    grids: dict[str, list[Path]] = {}
    if alignments is not None:
        alignments = alignments.resolve()
        if not alignments.is_dir():
            raise CorpusError(f"{alignments}: expected the folder of the alignments; it is none")
        for path in sorted(alignments.rglob("*.TextGrid")):
            grids.setdefault(path.stem, []).append(path)
    tree = _Tree(root, alignments, _read_sexes(root), grids)
    utterances = [
        utterance
        for transcripts in sorted(root.rglob(TRANSCRIPTS))
        for utterance in _read_chapter(transcripts, tree)
    ]
    utterances.sort(key=lambda utterance: utterance.id)
    return Corpus(root.name, root, tuple(utterances), tuple(tree.problems))


def _read_chapter(transcripts: Path, tree: _Tree) -> Iterator[Utterance]:
    spoken = {path.stem: path for path in sorted(transcripts.parent.glob("*.flac"))}
    try:
        lines = read_text(transcripts).splitlines()
    except CorpusError as error:
        tree.problems.append(Problem(transcripts, str(error)))
        return
    for line in filter(None, map(str.strip, lines)):
        name, _, transcript = line.partition(" ")
        audio = spoken.pop(name, None)
        if audio is None:
            reason = f"the transcript names {name}, but {name}.flac is not beside it; add it"
            tree.problems.append(Problem(transcripts, reason, name))
            continue
        try:
            yield _read_utterance(name, audio, transcript, tree)
        except LayerScopeError as error:
            tree.problems.append(_problem(error, audio, name))
    for name, audio in spoken.items():
        reason = f"{transcripts.name} has no line for this recording; add its transcript"
        tree.problems.append(Problem(audio, reason, name))


def _problem(error: LayerScopeError, audio: Path, name: str) -> Problem:
    if isinstance(error, AlignmentError):
        return Problem(error.path, error.reason, name)
    return Problem(audio, str(error), name)


def _read_utterance(name: str, audio: Path, transcript: str, tree: _Tree) -> Utterance:
    # LibriSpeech writes capitals, which most text models would spell letter by letter.
    words = tuple(transcript.lower().split())
    if not words:
        raise CorpusError("the transcript is empty; write what is said")
    duration_s = _duration_s(audio, tree.root)
    path = _find_alignment(audio, tree)
    alignment = read_alignment(path)
    _check_fit(path, alignment, audio, duration_s)
    matching = match_words(words, alignment.words)
    if matching.unmatched_words:
        unknown = ", ".join(words[index] for index in matching.unmatched_words)
        reason = f"the alignment does not say when these words of the transcript were: {unknown}"
        tree.problems.append(Problem(path, reason, name))
    speaker = name.partition("-")[0]
    return Utterance(
        id=name,
        speaker=speaker,
        audio=audio,
        duration_s=duration_s,
        words=words,
        word_intervals=matching.intervals,
        phone_intervals=tuple(alignment.phones),
        sex=tree.sexes.get(speaker),
    )


def _duration_s(audio: Path, root: Path) -> float:
    if not audio.resolve().is_relative_to(root):
        raise CorpusError("a link that leads out of the corpus; copy the file instead")
    try:
        return float(soundfile.info(audio).duration)
    except (OSError, soundfile.LibsndfileError) as error:
        raise AudioError(f"cannot be read as audio ({error}); replace it") from error


def _find_alignment(audio: Path, tree: _Tree) -> Path:
    if tree.alignments is None:
        path = audio.with_suffix(".TextGrid")
        if not path.exists():
            raise AlignmentError(path, "no alignment beside the audio; add it, or name its folder")
        return path
    path = (tree.alignments / audio.relative_to(tree.root)).with_suffix(".TextGrid")
    if path.exists():
        return path
    found = tree.grids.get(audio.stem, [])
    if len(found) > 1:
        raise AlignmentError(found[0], f"{len(found)} alignments have this name; keep one")
    if not found:
        raise AlignmentError(path, f"there is no alignment of {audio.stem}; align it or remove it")
    return found[0]


def _check_fit(path: Path, alignment: Alignment, audio: Path, duration_s: float) -> None:
    last_s = max((mark.end for mark in [*alignment.words, *alignment.phones]), default=0.0)
    if last_s > duration_s + TOLERANCE_S:
        raise AlignmentError(
            path,
            f"it ends at {last_s:.2f} s, but {audio} lasts {duration_s:.2f} s; one of the two "
            "belongs to another recording",
        )


def _read_sexes(root: Path) -> dict[str, str]:
    """Return the speakers' sexes from SPEAKERS.TXT, at the root or up to two folders above."""
    for folder in (root, *root.parents[:2]):
        path = folder / "SPEAKERS.TXT"
        if path.is_file():
            rows = [line.split("|") for line in read_text(path).splitlines() if line[:1] != ";"]
            return {
                row[0].strip(): row[1].strip().casefold()
                for row in rows
                if len(row) >= _SPEAKER_COLUMNS
            }
    return {}
