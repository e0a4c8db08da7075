"""A plain folder: recordings, and beside each its text or its alignment, by the same name.

The Montreal Forced Aligner's layout is of this kind: ``<speaker>/<utterance>.wav`` and ``.lab``.
"""

import re
from collections import Counter
from pathlib import PurePosixPath

from pipeline.alignments.formats import SUFFIXES, is_alignment
from pipeline.corpus.listing import AUDIO_SUFFIXES, Listed, Listing
from pipeline.corpus.text_file import read_text
from pipeline.corpus.tree import FileTree
from pipeline.corpus.utterance import Problem
from pipeline.errors import CorpusError

DESCRIPTION = "a plain folder: audio beside .lab, .txt or an alignment of the same name"
_TEXT_SUFFIXES = (".lab", ".txt")
# TIMIT's texts begin with the first and the last sample.
_SAMPLES_OF_TIMIT = re.compile(r"\d+\s+\d+\s+")


def recognises(tree: FileTree) -> bool:
    """Return whether there are recordings."""
    return any(tree.with_suffix(AUDIO_SUFFIXES))


def list_utterances(tree: FileTree) -> Listing:
    """Return every recording that has a text; its folder is its speaker."""
    recordings = list(tree.with_suffix(AUDIO_SUFFIXES))
    counts = Counter(path.stem for path in recordings)
    beside: dict[PurePosixPath, dict[str, PurePosixPath]] = {}
    for path in tree.with_suffix({*_TEXT_SUFFIXES, *SUFFIXES}):
        beside.setdefault(path.with_suffix(""), {})[path.suffix.casefold()] = path
    utterances, problems = [], list[Problem]()
    for audio in recordings:
        # A name may return under another speaker; the path is unique.
        name = audio.stem if counts[audio.stem] == 1 else str(audio.with_suffix(""))
        try:
            utterances.append(_listed(tree, name, audio, beside.get(audio.with_suffix(""), {})))
        except CorpusError as error:
            problems.append(Problem.of(error, tree.root / audio, name))
    problems += _without_audio(tree, beside, {audio.with_suffix("") for audio in recordings})
    return Listing(utterances, problems)


def _listed(
    tree: FileTree, name: str, audio: PurePosixPath, beside: dict[str, PurePosixPath]
) -> Listed:
    text = next((beside[suffix] for suffix in _TEXT_SUFFIXES if suffix in beside), None)
    if text is not None and is_alignment(tree.locate(text)):
        text = None
    transcript = None
    if text is not None:
        transcript = read_text(tree.locate(text))
        if ".wrd" in beside:
            transcript = _SAMPLES_OF_TIMIT.sub("", transcript, count=1)
    speaker = audio.parent.name or tree.root.name
    return Listed(name, speaker, audio, transcript, tree.root / (text or audio))


def _without_audio(
    tree: FileTree,
    beside: dict[PurePosixPath, dict[str, PurePosixPath]],
    recordings: set[PurePosixPath],
) -> list[Problem]:
    return [
        Problem(
            tree.root / paths[suffix],
            "no recording of this name lies beside it; if it is a transcript, add its recording",
            left_out="nothing",
        )
        for path, paths in beside.items()
        for suffix in _TEXT_SUFFIXES
        if suffix in paths and path not in recordings
    ]
