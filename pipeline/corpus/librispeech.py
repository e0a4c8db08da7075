"""A folder in LibriSpeech's layout, with TextGrids beside the audio or in a tree of their own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import soundfile

from pipeline.alignments.matching import match_words
from pipeline.corpus.alignment_folder import AlignmentFolder, read_fitting
from pipeline.corpus.links import refuse_link_out
from pipeline.corpus.text_file import read_text
from pipeline.corpus.utterance import Corpus, Problem, Utterance
from pipeline.errors import AlignmentError, AudioError, CorpusError, LayerScopeError

TRANSCRIPTS = "*.trans.txt"
_SPEAKER_COLUMNS = 5


@dataclass(frozen=True, eq=False)
class _Tree:
    """A corpus while it is read."""

    root: Path
    alignments: AlignmentFolder
    sexes: Mapping[str, str]
    problems: list[Problem]
    audio_by_name: dict[str, Path] = field(default_factory=dict)


def open_librispeech(root: Path, alignments: Path | None = None) -> Corpus:
    """Open every utterance below a folder that has audio, a transcript and an alignment.

    Parameters
    ----------
    root : Path
        Holds, at any depth, ``<speaker>-<chapter>.trans.txt`` beside ``<utterance>.flac``.
    alignments : Path, optional
        Holds ``<utterance>.TextGrid`` at the same relative path, or anywhere below if that name
        is unique there. By default this is `root`: they lie beside the audio.

    Returns
    -------
    Corpus
        What cannot be used is in its `problems`, with the file and the reason.

    Raises
    ------
    CorpusError
        If `alignments` is no folder.
    """
    root, problems = root.resolve(), list[Problem]()
    folder = AlignmentFolder.scan(root if alignments is None else alignments.resolve())
    tree = _Tree(root, folder, _read_sexes(root, problems), problems)
    chapters = sorted(root.rglob(TRANSCRIPTS))
    utterances = [found for transcripts in chapters for found in _read_chapter(transcripts, tree)]
    folders = {transcripts.parent for transcripts in chapters}
    for audio in sorted(root.rglob("*.flac")):
        if audio.parent not in folders:
            reason = f"no {TRANSCRIPTS} beside this recording; add its transcript"
            problems.append(Problem(audio, reason, audio.stem))
    utterances.sort(key=lambda utterance: utterance.id)
    return Corpus(root.name, root, tuple(utterances), tuple(problems))


def _read_chapter(transcripts: Path, tree: _Tree) -> Iterator[Utterance]:
    spoken = {path.stem: path for path in sorted(transcripts.parent.glob("*.flac"))}
    try:
        refuse_link_out(transcripts, tree.root)
        lines = read_text(transcripts).splitlines()
    except CorpusError as error:
        tree.problems.append(Problem(transcripts, str(error)))
        return
    named = [line.strip().partition(" ") for line in lines if line.strip()]
    for name, _, transcript in named:
        audio = spoken.get(name)
        try:
            yield _read_utterance(name, audio, transcript, tree)
        except LayerScopeError as error:
            tree.problems.append(_problem(error, audio or transcripts, name))
    for name in sorted(spoken.keys() - {name for name, _, _ in named}):
        reason = f"{transcripts.name} has no line for this recording; add its transcript"
        tree.problems.append(Problem(spoken[name], reason, name))


def _problem(error: LayerScopeError, audio: Path, name: str) -> Problem:
    if isinstance(error, AlignmentError):
        return Problem(error.path, error.reason, name)
    return Problem(audio, str(error), name)


def _read_utterance(name: str, audio: Path | None, transcript: str, tree: _Tree) -> Utterance:
    # LibriSpeech writes capitals, which most text models would spell letter by letter.
    words = tuple(transcript.lower().split())
    if audio is None:
        raise CorpusError(f"the transcript names {name}, but {name}.flac is not beside it; add it")
    _refuse_second(name, audio, tree)
    if not words:
        raise CorpusError("the transcript is empty; write what is said")
    duration_s = _duration_s(audio, tree.root)
    path = tree.alignments.find(audio.relative_to(tree.root))
    alignment = read_fitting(path, duration_s)
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


def _refuse_second(name: str, audio: Path, tree: _Tree) -> None:
    if name in tree.audio_by_name:
        first = tree.audio_by_name[name]
        raise CorpusError(f"{name} is named twice, first for {first}; rename or remove one")
    tree.audio_by_name[name] = audio


def _duration_s(audio: Path, root: Path) -> float:
    refuse_link_out(audio, root)
    try:
        return float(soundfile.info(audio).duration)
    except (OSError, soundfile.LibsndfileError) as error:
        raise AudioError(f"cannot be read as audio ({error}); replace it") from error


def _read_sexes(root: Path, problems: list[Problem]) -> dict[str, str]:
    """Return the speakers' sexes from SPEAKERS.TXT, at the root or up to two folders above."""
    files = (folder / "SPEAKERS.TXT" for folder in (root, *root.parents[:2]))
    path = next(filter(Path.is_file, files), None)
    try:
        lines = [] if path is None else read_text(path).splitlines()
    except CorpusError as error:
        problems.append(Problem(path or root, str(error)))
        return {}
    rows = [line.split("|") for line in lines if not line.startswith(";")]
    return {
        row[0].strip(): row[1].strip().casefold() for row in rows if len(row) >= _SPEAKER_COLUMNS
    }
