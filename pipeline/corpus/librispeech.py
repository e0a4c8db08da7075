"""LibriSpeech's layout: ``<speaker>-<chapter>.trans.txt`` beside ``<utterance>.flac``."""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from pipeline.corpus.links import refuse_link_out
from pipeline.corpus.listing import AUDIO_SUFFIXES, Listed, Listing, by_stem, left_over
from pipeline.corpus.text_file import read_lines
from pipeline.corpus.tree import FileTree, composed
from pipeline.corpus.utterance import Problem
from pipeline.errors import CorpusError

DESCRIPTION = "LibriSpeech: *.trans.txt beside *.flac, at any depth"
_TRANSCRIPTS = ".trans.txt"
_SPEAKER_COLUMNS = 5


def recognises(tree: FileTree) -> bool:
    """Return whether there are LibriSpeech's transcripts."""
    return any(path.name.endswith(_TRANSCRIPTS) for path in tree.paths)


def list_utterances(tree: FileTree) -> Listing:
    """Return what the transcripts name; speakers' sexes come from SPEAKERS.TXT."""
    problems: list[Problem] = []
    sexes = _read_sexes(tree, problems)
    recordings = list(tree.with_suffix(AUDIO_SUFFIXES))
    spoken = by_stem(recordings)
    chapters = [path for path in tree.with_suffix({".txt"}) if path.name.endswith(_TRANSCRIPTS)]
    utterances = [
        listed
        for chapter in chapters
        for listed in _read_chapter(tree, chapter, spoken, sexes, problems)
    ]
    beside = {chapter.parent: chapter.name for chapter in chapters}

    def reason(recording: PurePosixPath) -> str:
        if recording.parent not in beside:
            return f"no *{_TRANSCRIPTS} beside this recording; add its transcript"
        return f"{beside[recording.parent]} has no line for this recording; add its transcript"

    problems += left_over(tree.root, recordings, {each.audio for each in utterances}, reason)
    return Listing(utterances, problems)


def _read_chapter(
    tree: FileTree,
    chapter: PurePosixPath,
    spoken: Mapping[PurePosixPath, PurePosixPath],
    sexes: Mapping[str, str],
    problems: list[Problem],
) -> Iterator[Listed]:
    path = tree.root / chapter
    try:
        lines = read_lines(tree.locate(chapter))
    except CorpusError as error:
        problems.append(Problem.of(error, path))
        return
    for number, line in enumerate(lines, start=1):
        name, transcript = (*composed(line).split(maxsplit=1), "", "")[:2]
        if not name:
            continue
        audio = spoken.get(chapter.parent / name)
        if audio is None:
            reason = f"the transcript names {name}, but {name}.flac is not beside it; add it"
            problems.append(Problem(path, reason, name, number))
            continue
        speaker = name.partition("-")[0]
        yield Listed(
            id=name,
            speaker=speaker,
            audio=audio,
            # LibriSpeech writes capitals, which most text models would spell letter by letter.
            transcript=transcript.lower(),
            source=path,
            line=number,
            sex=sexes.get(speaker),
        )


def speakers_signature(root: Path) -> str:
    """Return what changes with SPEAKERS.TXT, which may lie above the root."""
    path = _speakers_file(root)
    status = None if path is None else path.stat()
    return "" if status is None else f"{path} {status.st_size} {status.st_mtime_ns}"


def _speakers_file(root: Path) -> Path | None:
    """Return SPEAKERS.TXT at the root or up to two folders above, None if there is none."""
    files = (folder / "SPEAKERS.TXT" for folder in (root, *root.parents[:2]))
    return next(filter(Path.is_file, files), None)


def _read_sexes(tree: FileTree, problems: list[Problem]) -> dict[str, str]:
    """Return the speakers' sexes."""
    path = _speakers_file(tree.root)
    if path is None:
        return {}
    try:
        refuse_link_out(path, path.parent)
        lines = read_lines(path)
    except CorpusError as error:
        problems.append(Problem.of(error, path, left_out="nothing"))
        return {}
    rows = [line.split("|") for line in lines if not line.startswith(";")]
    return {
        row[0].strip(): row[1].strip().casefold() for row in rows if len(row) >= _SPEAKER_COLUMNS
    }
