from pathlib import Path

import pytest

from pipeline.corpus.searching import UtteranceSearch, find_utterances
from pipeline.corpus.utterance import Corpus, Utterance

SAID = {"a": ("ada", "By the sea"), "b": ("ben", "the Sea, again"), "c": ("ada", "again")}
CORPUS = Corpus(
    "c",
    Path("/c"),
    tuple(
        Utterance(name, who, Path("a.wav"), 1.0, tuple(said.split()), (None,) * len(said.split()))
        for name, (who, said) in SAID.items()
    ),
)
FLAGGED = {"a": {"short"}, "c": {"note", "long"}}


@pytest.mark.parametrize(
    ("search", "expected", "said"),
    [
        (UtteranceSearch(), "abc", "that is there"),
        (UtteranceSearch(" SEA "), "ab", "that holds the word 'SEA'"),
        (UtteranceSearch("again", "ada"), "c", "that holds the word 'again' and is spoken by ada"),
        (UtteranceSearch(flag="any"), "ac", "that has a note or a flag"),
        (UtteranceSearch(flag="short"), "a", "that has the flag 'Very short words'"),
        (UtteranceSearch("sea", "ben", "any"), "", None),
        (UtteranceSearch("se"), "", "that holds the word 'se'"),
    ],
)
def test_what_fits_every_condition_is_found(search, expected, said):
    assert "".join(find_utterances(CORPUS, search, FLAGGED)) == expected
    assert said is None or str(search) == said
