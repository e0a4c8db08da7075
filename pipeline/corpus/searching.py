"""Which utterances of a corpus are looked for: by a word, a speaker, what is odd in them."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from pipeline.alignments.spelling import comparable
from pipeline.corpus.flags import CORPUS_FLAGS, FlagKind
from pipeline.corpus.utterance import Corpus, Utterance


@dataclass(frozen=True)
class UtteranceSearch:
    """What an utterance must have; by default nothing.

    Attributes
    ----------
    word : str
        In any case; empty: whatever is said.
    speaker : str or None
    flag : str or None
        A kind of flag, or "any".
    """

    word: str = ""
    speaker: str | None = None
    flag: FlagKind | Literal["any"] | None = None

    def __str__(self) -> str:
        """Return what is looked for, in words.

        Examples
        --------
        >>> print(UtteranceSearch("sea", "ada", "any"))
        that holds the word 'sea', is spoken by ada and has a note or a flag
        """
        parts = [
            f"holds the word {self.word.strip()!r}" if self.word.strip() else "",
            f"is spoken by {self.speaker}" if self.speaker else "",
            _flag_words(self.flag) if self.flag else "",
        ]
        *before, last = [part for part in parts if part] or ["is there"]
        return f"that {', '.join(before)} and {last}" if before else f"that {last}"


EVERY_UTTERANCE = UtteranceSearch()


def _flag_words(flag: FlagKind | Literal["any"]) -> str:
    return "has a note or a flag" if flag == "any" else f"has the flag {CORPUS_FLAGS[flag]!r}"


def find_utterances(
    corpus: Corpus, search: UtteranceSearch, flagged: Mapping[str, AbstractSet[FlagKind]]
) -> tuple[str, ...]:
    """Return the ids of what is looked for, in the order of the corpus.

    Parameters
    ----------
    flagged : mapping of str to set of str
        As :func:`pipeline.corpus.flags.flagged_utterances` returns it.
    """
    wanted = comparable(search.word)

    def fits(utterance: Utterance) -> bool:
        kinds = flagged.get(utterance.id, frozenset())
        return (
            (search.speaker is None or utterance.speaker == search.speaker)
            and (
                search.flag is None
                or search.flag in kinds
                or (search.flag == "any" and bool(kinds))
            )
            and (not wanted or wanted in map(comparable, utterance.words))
        )

    return tuple(each.id for each in corpus.utterances if fits(each))
