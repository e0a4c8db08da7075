"""LibriSpeech's layout: ``<speaker>-<chapter>.trans.txt`` beside ``<utterance>.flac``."""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from pipeline.corpus.links import refuse_link_out
from pipeline.corpus.listing import Listed, Listing
from pipeline.corpus.text_file import read_text
from pipeline.corpus.tree import FileTree
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
    spoken: dict[PurePosixPath, dict[str, PurePosixPath]] = {}
    for audio in tree.with_suffix({".flac"}):
        spoken.setdefault(audio.parent, {})[audio.stem] = audio
    chapters = [path for path in tree.with_suffix({".txt"}) if path.name.endswith(_TRANSCRIPTS)]
    utterances = [
        listed
        for chapter in chapters
        for listed in _read_chapter(tree, chapter, spoken.get(chapter.parent, {}), sexes, problems)
    ]
    for folder in sorted(spoken.keys() - {chapter.parent for chapter in chapters}):
        for name, audio in spoken[folder].items():
            reason = f"no *{_TRANSCRIPTS} beside this recording; add its transcript"
            problems.append(Problem(tree.root / audio, reason, name))
    return Listing(utterances, problems)


def _read_chapter(
    tree: FileTree,
    chapter: PurePosixPath,
    spoken: Mapping[str, PurePosixPath],
    sexes: Mapping[str, str],
    problems: list[Problem],
) -> Iterator[Listed]:
    path = tree.root / chapter
    try:
        lines = read_text(tree.locate(chapter)).splitlines()
    except CorpusError as error:
        problems.append(Problem.of(error, path))
        return
    named: set[str] = set()
    for number, line in enumerate(lines, start=1):
        name, _, transcript = line.strip().partition(" ")
        if not name:
            continue
        named.add(name)
        if name not in spoken:
            reason = f"the transcript names {name}, but {name}.flac is not beside it; add it"
            problems.append(Problem(path, reason, name, number))
            continue
        speaker = name.partition("-")[0]
        yield Listed(
            id=name,
            speaker=speaker,
            audio=spoken[name],
            # LibriSpeech writes capitals, which most text models would spell letter by letter.
            transcript=transcript.lower(),
            source=path,
            line=number,
            sex=sexes.get(speaker),
        )
    for name in sorted(spoken.keys() - named):
        reason = f"{path.name} has no line for this recording; add its transcript"
        problems.append(Problem(tree.root / spoken[name], reason, name))


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
        lines = read_text(path).splitlines()
    except CorpusError as error:
        problems.append(Problem.of(error, path, left_out="nothing"))
        return {}
    rows = [line.split("|") for line in lines if not line.startswith(";")]
    return {
        row[0].strip(): row[1].strip().casefold() for row in rows if len(row) >= _SPEAKER_COLUMNS
    }
