"""LJSpeech's layout: ``metadata.csv`` (id|text|normalised text) beside a folder ``wavs``."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from pipeline.corpus.listing import AUDIO_SUFFIXES, Listed, Listing, by_stem, left_over
from pipeline.corpus.text_file import read_lines
from pipeline.corpus.tree import FileTree, composed
from pipeline.corpus.utterance import Problem

DESCRIPTION = "LJSpeech: metadata.csv beside wavs/"
_METADATA = PurePosixPath("metadata.csv")
_AUDIO_FOLDER = PurePosixPath("wavs")
_ID_OF_LJSPEECH = re.compile(r"LJ\d{3}-\d{4}")


def recognises(tree: FileTree) -> bool:
    """Return whether there is LJSpeech's table with a folder of audio."""
    return _METADATA in tree.paths and any(path.parent == _AUDIO_FOLDER for path in tree.paths)


def list_utterances(tree: FileTree) -> Listing:
    """Return what the table names; of two spellings the normalised one is what is spoken.

    Raises
    ------
    CorpusError
        If the table cannot be read.
    """
    problems: list[Problem] = []
    recordings = list(tree.with_suffix(AUDIO_SUFFIXES))
    utterances = list(_rows(tree, by_stem(recordings), problems))

    def reason(recording: PurePosixPath) -> str:
        if recording.parent != _AUDIO_FOLDER:
            return f"lies outside of {_AUDIO_FOLDER}/, where {_METADATA} looks for it; move it"
        return f"{_METADATA} has no line for this recording; add its transcript"

    problems += left_over(tree.root, recordings, {each.audio for each in utterances}, reason)
    return Listing(utterances, problems)


def _rows(
    tree: FileTree, audio: Mapping[PurePosixPath, PurePosixPath], problems: list[Problem]
) -> Iterator[Listed]:
    table = tree.locate(_METADATA)
    for number, line in enumerate(read_lines(table), start=1):
        if not line.strip():
            continue
        # Not the csv module: quotation marks are part of the text here.
        name, *texts = map(str.strip, line.split("|"))
        name = composed(name)
        path = _AUDIO_FOLDER / name
        if not texts:
            reason = f"expected 'id|text', found {line[:40]!r}; part the columns by '|'"
            problems.append(Problem(table, reason, None, number))
        elif path not in audio:
            reason = f"the table names {name}, but {_AUDIO_FOLDER} holds no such recording; add it"
            problems.append(Problem(table, reason, name, number))
        else:
            # Every id of LJSpeech begins with its one speaker, whom no column names.
            speaker = "LJ" if _ID_OF_LJSPEECH.fullmatch(name) else tree.root.name
            # What follows the two spellings, such as a speaker, is not spoken.
            text = next(filter(None, reversed(texts[:2])), "")
            yield Listed(name, speaker, audio[path], text, table, number)
