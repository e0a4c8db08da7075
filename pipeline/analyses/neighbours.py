"""Why a cell is high: the words nearest to one word in either model, and those near in both."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, get_args

import numpy as np
from jaxtyping import Bool, Float64, Int64

from pipeline.alignments.spelling import comparable
from pipeline.analyses.analysis import Analysis, Subject, fields_read, fields_stored
from pipeline.analyses.named_rows import NamedRows, columns_of
from pipeline.errors import SettingsError
from pipeline.similarity.centring import check_both_finite
from pipeline.similarity.neighbours import Neighbourhood, neighbourhood
from pipeline.similarity.row_transforms import Groups, group_means
from pipeline.words.rows import Rows

Of = Literal["tokens", "types"]


@dataclass(frozen=True)
class NeighbourSettings:
    """Whose neighbours.

    Attributes
    ----------
    word : str
        Capitals and the punctuation around it do not matter.
    token : int or None
        Which of the word's tokens, in the order of the rows; the first by default.
    k : int
        How many.
    of : {"tokens", "types"}
        One token among all tokens, or the word's mean among those of all word types.
    """

    word: str = ""
    token: int | None = None
    k: int = 10
    of: Of = "tokens"

    def __post_init__(self) -> None:
        if self.of not in get_args(Of):
            raise SettingsError(f"neighbours are of {self.of!r}; choose tokens or types")
        if self.of == "types" and self.token is not None:
            raise SettingsError("a word type has no tokens to choose from; leave the token out")


@dataclass(frozen=True, eq=False)
class NearestWords(NamedRows):
    """A word, and the rows that are nearest to it in a or in b.

    Attributes
    ----------
    counts : int64 array [shape=(rows,)]
        How many of the compared tokens each row's word has.
    nearest_a, nearest_b : int64 array [shape=(k,)]
        The neighbours' places among the rows, the nearest first. Row 0 is the word itself.
    cosines_a, cosines_b : float64 array [shape=(k,)]
    of : {"tokens", "types"}
    row_digest : str
    """

    counts: Int64[np.ndarray, " rows"]
    nearest_a: Int64[np.ndarray, " k"]
    nearest_b: Int64[np.ndarray, " k"]
    cosines_a: Float64[np.ndarray, " k"]
    cosines_b: Float64[np.ndarray, " k"]
    of: Of
    row_digest: str

    @property
    def shared_a(self) -> Bool[np.ndarray, " k"]:
        """Which neighbours in a are near in b too."""
        return np.isin(self.nearest_a, self.nearest_b)

    @property
    def shared_b(self) -> Bool[np.ndarray, " k"]:
        """Which neighbours in b are near in a too."""
        return np.isin(self.nearest_b, self.nearest_a)

    @property
    def overlap(self) -> float:
        """The share of the k neighbours that both models have."""
        return float(self.shared_a.mean())


def nearest_words(subject: Subject, settings: NeighbourSettings) -> NearestWords:
    """Find the nearest rows of one word in one layer of each model.

    Raises
    ------
    SettingsError
        If no row is of the word, the word has no such token, or rows are within types and types
        are asked for.
    MatrixError
        If there are not k other rows, or a value is not finite.
    """
    matrices, rows = subject.matrices, subject.matrices.a.rows
    layers = matrices.a.layers[0], matrices.b.layers[0]
    by_word = subject.plan.settings.unit == "word"
    row = _row_of(comparable(settings.word) if by_word else settings.word, rows, settings.token)
    if settings.of == "types":
        if subject.plan.rows.values == "within type":
            raise SettingsError("within types, every type's mean is zero; ask for tokens")
        check_both_finite(matrices.a.layers, matrices.b.layers)
        layers = group_means(layers[0], rows.words), group_means(layers[1], rows.words)
        types = Groups.of(rows.words)
        row, rows = int(types.group_of[row]), rows.take(types.first)
    return _named(neighbourhood(*layers, row, settings.k), row, rows, subject, settings.of)


def _named(found: Neighbourhood, row: int, rows: Rows, subject: Subject, of: Of) -> NearestWords:
    tokens = subject.matrices.tokens
    counts = Counter(tokens.words)
    # The word first, then each neighbour once.
    places = {
        near: place
        for place, near in enumerate(
            dict.fromkeys([row, *found.nearest_a.tolist(), *found.nearest_b.tolist()])
        )
    }
    named = rows.take(np.array(list(places)))
    nearest_a, nearest_b = (
        np.array([places[near] for near in nearest.tolist()])
        for nearest in (found.nearest_a, found.nearest_b)
    )
    return NearestWords(
        **columns_of(named),
        counts=np.array([counts[word] for word in named.words]),
        nearest_a=nearest_a,
        nearest_b=nearest_b,
        cosines_a=found.cosines_a,
        cosines_b=found.cosines_b,
        of=of,
        row_digest=tokens.digest,
    )


def _row_of(word: str, rows: Rows, token: int | None) -> int:
    of_word = [row for row, each in enumerate(rows.words) if each == word]
    if not of_word:
        raise SettingsError(f"no row is of the word {word!r}{_alike(word, rows.words)}")
    if not 0 <= (token or 0) < len(of_word):
        raise SettingsError(
            f"the word {word!r} has tokens 0 to {len(of_word) - 1}; there is no {token}"
        )
    return of_word[token or 0]


def _alike(word: str, words: Sequence[str]) -> str:
    alike = get_close_matches(word, sorted(set(words)), n=5)
    return f"; there are {', '.join(alike)}" if alike else "; choose one of the corpus"


NEIGHBOURS = Analysis(
    "neighbours", 1, NeighbourSettings, nearest_words, fields_stored, fields_read(NearestWords)
)
