"""LibriSpeech's ``SPEAKER-CHAPTER.alignment.txt``: a chapter's utterances, one a line.

The layout is that of github.com/CorentinJ/librispeech-alignments: an utterance's name, its words
and, for each, when it ends. The first starts at 0, each other where the one before ends, and a
word without letters is silence.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from pipeline.alignments.alignment import Alignment, Mark, Tier
from pipeline.alignments.source import Source, excerpt
from pipeline.alignments.tiers import alignment_from_tiers

_LINE = re.compile(r'(\S+) "([^"]*)" "([^"]*)"\s*')


def is_librispeech(source: Source) -> bool:
    """Tell whether the first line looks like an utterance with its words in quotes."""
    return bool(source.lines) and re.match(r'\S+ "', source.lines[0][1]) is not None


def read_librispeech(source: Source) -> Mapping[str, Alignment]:
    """Return the words of each utterance.

    Raises
    ------
    AlignmentError
        If a line is no utterance, has not one end for each word, or repeats a name.
    """
    alignments: dict[str, Alignment] = {}
    for number, line in source.lines:
        match = _LINE.fullmatch(line)
        if match is None:
            reason = f'expected \'UTTERANCE "WORDS" "ENDS"\', found {excerpt(line)}'
            raise source.error(f"{reason}; is the file cut?", number)
        if match[1] in alignments:
            raise source.error(f"the utterance {match[1]!r} stands here again; keep one", number)
        marks = _marks(source, number, match[2].split(","), match[3].split(","))
        tier = Tier("interval", "words", 0.0, marks[-1].end, marks)
        alignments[match[1]] = alignment_from_tiers(source, [tier])
    return alignments


def _marks(
    source: Source, number: int, words: Sequence[str], ends: Sequence[str]
) -> tuple[Mark, ...]:
    if len(words) != len(ends):
        raise source.error(f"{len(words)} words and silences, but {len(ends)} ends", number)
    edges = [0.0, *(source.number(end, "the end of a word in seconds", number) for end in ends)]
    return tuple(
        Mark(start, end, word, line=number)
        for (start, end), word in zip(pairwise(edges), words, strict=True)
    )
