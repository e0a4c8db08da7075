"""A plain folder: recordings, and beside each its text or its alignment, by the same name.

The Montreal Forced Aligner's layout is of this kind: ``<speaker>/<utterance>.wav`` and ``.lab``.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import PurePosixPath
from typing import TypeAlias

from pipeline.alignments.formats import SUFFIXES, is_alignment
from pipeline.corpus.listing import AUDIO_SUFFIXES, Listed, Listing, by_stem, left_over
from pipeline.corpus.text_file import read_text
from pipeline.corpus.tree import FileTree
from pipeline.corpus.utterance import Problem
from pipeline.errors import CorpusError

DESCRIPTION = "a plain folder: audio beside .lab, .txt or an alignment of the same name"
_TEXT_SUFFIXES, _TEXTGRID = (".lab", ".txt"), ".textgrid"
# TIMIT's texts begin with the first and the last sample.
_SAMPLES_OF_TIMIT = re.compile(r"\d+\s+\d+\s+")

# Path without ending -> ending in lower case -> text or alignment of that name.
Beside: TypeAlias = dict[PurePosixPath, dict[str, PurePosixPath]]


def recognises(tree: FileTree) -> bool:
    """Return whether there are recordings."""
    return any(tree.with_suffix(AUDIO_SUFFIXES))


def list_utterances(tree: FileTree) -> Listing:
    """Return every recording that has a text; its folder is its speaker."""
    recordings = list(tree.with_suffix(AUDIO_SUFFIXES))
    stems = by_stem(recordings)
    counts = Counter(stem.name for stem in stems)
    beside: Beside = {}
    for path in tree.with_suffix({*_TEXT_SUFFIXES, *SUFFIXES}):
        beside.setdefault(path.with_suffix(""), {})[path.suffix.casefold()] = path
    utterances, problems = [], list[Problem]()
    for stem, audio in stems.items():
        # A name may return under another speaker; the path is unique.
        name = stem.name if counts[stem.name] == 1 else str(stem)
        named = beside.get(stem, {})
        texts = [named[suffix] for suffix in _TEXT_SUFFIXES if suffix in named]
        try:
            is_timit = ".wrd" in named
            utterances.append(_listed(tree, name, audio, texts, problems, is_timit=is_timit))
        except CorpusError as error:
            problems.append(Problem.of(error, tree.root / texts[0], name))
    # What is left over is a used recording in another format; nothing needs another reason.
    problems += left_over(tree.root, recordings, set(stems.values()), str)
    problems += _without_audio(tree, beside, stems.keys())
    return Listing(utterances, problems)


def _listed(
    tree: FileTree,
    name: str,
    audio: PurePosixPath,
    texts: Sequence[PurePosixPath],
    problems: list[Problem],
    *,
    is_timit: bool,
) -> Listed:
    texts = [path for path in texts if not is_alignment(tree.locate(path))]
    transcript = None
    if texts:
        transcript = read_text(tree.locate(texts[0]))
        if is_timit:
            transcript = _SAMPLES_OF_TIMIT.sub("", transcript, count=1)
    for path in texts[1:]:
        note = f"is not read, for {texts[0].name} says what is spoken; remove one of the two"
        problems.append(Problem(tree.root / path, note, name, left_out="nothing"))
    speaker = audio.parent.name or tree.root.name
    return Listed(name, speaker, audio, transcript, tree.root / (texts[0] if texts else audio))


def _without_audio(
    tree: FileTree, beside: Beside, recordings: Collection[PurePosixPath]
) -> Iterator[Problem]:
    names = {stem.name for stem in recordings}
    for stem, paths in beside.items():
        for suffix, path in paths.items():
            is_text = suffix in _TEXT_SUFFIXES and stem not in recordings
            # An alignment may lie in another folder than its recording.
            if is_text or (suffix == _TEXTGRID and stem.name not in names):
                note = "no recording of this name lies beside it; if it belongs to one, add that"
                yield Problem(tree.root / path, note, left_out="nothing")
