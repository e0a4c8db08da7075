"""Which word was spoken? One model's vectors, read through another's by anchors (ASIF).

Anchors are tokens of which both models' vectors are known. A token that was held out is described
by its k largest products with the anchors of model a, each candidate by those of model b, and the
candidate whose description is most alike names the word (Norelli et al. 2023, arXiv:2210.01738).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64, Real

from pipeline.errors import MatrixError, SettingsError
from pipeline.similarity.anchors import DescriptionIndex, Descriptions, describe
from pipeline.similarity.centring import check_rows_finite
from pipeline.similarity.neighbours import unit_rows
from pipeline.similarity.ranking import Accuracy, accuracy, rank_of


@dataclass(frozen=True)
class RetrievalSettings:
    """How tokens are held out and described; by default as in the original study.

    Attributes
    ----------
    k : int
        How many products of a token with the anchors are kept, the largest.
    p : int
        The power they are raised to.
    held_out : float
        Share of the tokens that are looked up; the others are the anchors.
    seed : int
        Which tokens are held out.
    unit_length : bool
        Whether vectors are scaled to length 1 first, as Norelli et al. do and the original study
        does not.
    """

    k: int = 100
    p: int = 4
    held_out: float = 0.15
    seed: int = 2211
    unit_length: bool = False

    def __post_init__(self) -> None:
        if not (self.k > 0 and self.p > 0 and 0 < self.held_out < 1):
            raise SettingsError(
                "expected k > 0, p > 0 and a share held out between 0 and 1, found "
                f"{self.k}, {self.p} and {self.held_out}"
            )


@dataclass(frozen=True, eq=False)
class Retrieval:
    """What was found.

    Attributes
    ----------
    among_anchors : Accuracy
        The anchors are the candidates, as in the original study: other types are never found.
    among_all : Accuracy
        All tokens are candidates, those held out as well.
    majority : float
        Share of the held-out tokens that are of the anchors' commonest type.
    anchors, unseen : int
        How many tokens are anchors, and how many were held out whose type no anchor has.
    held_out : int64 array [shape=(held_out,)]
        Their row numbers.
    named : tuple of str
        The best candidate's word among the anchors, one a held-out token.
    """

    among_anchors: Accuracy
    among_all: Accuracy
    majority: float
    anchors: int
    unseen: int
    held_out: Int64[np.ndarray, " held_out"]
    named: tuple[str, ...]


def retrieve(
    a: Real[np.ndarray, "rows_a dim_a"],
    b: Real[np.ndarray, "rows_b dim_b"],
    words: Sequence[str],
    settings: RetrievalSettings = RetrievalSettings(),
) -> Retrieval:
    """Look the held-out tokens' vectors of a up among candidates' vectors of b.

    Parameters
    ----------
    a, b : array [shape=(rows, dim)]
        One layer of each model over the same rows, possibly memory-mapped.
    words : sequence of str
        The word of each row.

    Raises
    ------
    MatrixError
        The layers and words do not share their rows, a value is not finite, or no token is left to
        be held out.
    SettingsError
        There are fewer anchors than k.
    """
    _check(a, b, words)
    types, type_of = np.unique(np.asarray(words), return_inverse=True)
    held_out = held_out_rows(len(words), settings)
    is_anchor = np.ones(len(words), dtype=np.bool_)
    is_anchor[held_out] = False
    anchors = np.flatnonzero(is_anchor)
    if settings.k > len(anchors):
        raise SettingsError(
            f"k is {settings.k}, but there are {len(anchors)} anchors; choose at most as many"
        )
    queries = _describe(a, held_out, anchors, settings)
    candidates = _candidates(b, type_of, is_anchor, settings)
    right, counts = type_of[held_out], np.bincount(type_of[anchors], minlength=len(types))
    found = [_look_up(queries, query, candidates, int(right[query])) for query in range(len(right))]
    return Retrieval(
        among_anchors=accuracy([token.rank_among_anchors for token in found], right, counts > 0),
        among_all=accuracy([token.rank_among_all for token in found], right, counts > 0),
        majority=float(np.mean(right == np.argmax(counts))),
        anchors=len(anchors),
        unseen=int(np.sum(counts[right] == 0)),
        held_out=held_out,
        named=tuple(str(types[token.best]) for token in found),
    )


def _check(a: np.ndarray, b: np.ndarray, words: Sequence[str]) -> None:
    if not len(a) == len(b) == len(words):
        raise MatrixError(
            f"a has {len(a)} rows, b {len(b)}, and there are {len(words)} words; each row must "
            "hold the same word"
        )
    for layer, name in ((a, "a"), (b, "b")):
        check_rows_finite(layer, name)


def held_out_rows(rows: int, settings: RetrievalSettings) -> Int64[np.ndarray, " held_out"]:
    """Return the numbers of the rows that are held out, in the order in which they are drawn.

    Raises
    ------
    MatrixError
        There are too few rows for one to be held out.
    """
    count = int(rows * settings.held_out)
    if not count:
        raise MatrixError(f"of {rows} rows, a share of {settings.held_out} is none; add rows")
    # The original study's generator and call, so that its seed holds the same tokens out.
    return np.random.RandomState(settings.seed).choice(rows, count, replace=False)


@dataclass(frozen=True, eq=False)
class _Candidates:
    """All rows of b, those of a type side by side."""

    index: DescriptionIndex
    is_anchor: Bool[np.ndarray, " rows"]
    type_starts: Int64[np.ndarray, " types"]


def _candidates(
    b: np.ndarray,
    type_of: Int64[np.ndarray, " rows"],
    is_anchor: Bool[np.ndarray, " rows"],
    settings: RetrievalSettings,
) -> _Candidates:
    order, anchors = np.argsort(type_of, stable=True), np.flatnonzero(is_anchor)
    described = _describe(b, order, anchors, settings).normalised()
    starts = np.searchsorted(type_of[order], np.arange(type_of.max() + 1))
    return _Candidates(DescriptionIndex(described, len(anchors)), is_anchor[order], starts)


def _describe(
    layer: np.ndarray,
    rows: Int64[np.ndarray, " rows"],
    anchors: Int64[np.ndarray, " anchors"],
    settings: RetrievalSettings,
) -> Descriptions:
    prepare = unit_rows if settings.unit_length else np.asarray
    return describe(prepare(layer[rows]), prepare(layer[anchors]), settings.k, settings.p)


@dataclass(frozen=True)
class _Found:
    """How many types come before the right one, and which is the best among the anchors."""

    rank_among_anchors: float
    rank_among_all: float
    best: int


def _look_up(queries: Descriptions, query: int, candidates: _Candidates, right: int) -> _Found:
    scores = candidates.index.products(queries.anchors[query], queries.weights[query])
    among_all = np.maximum.reduceat(scores, candidates.type_starts)
    scores[~candidates.is_anchor] = -np.inf
    among_anchors = np.maximum.reduceat(scores, candidates.type_starts)
    return _Found(
        rank_of(among_anchors, right), rank_of(among_all, right), int(np.argmax(among_anchors))
    )
