"""How alike two models could be at most, given how alike the halves of each model are."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from jaxtyping import Bool, Float64, Int64, Real

from pipeline.errors import MatrixError, SettingsError
from pipeline.similarity.centring import check_both_finite
from pipeline.similarity.cka import ZERO, cka
from pipeline.similarity.row_transforms import Groups, Labels, group_means

Halves = Literal["tokens", "speakers"]


def check_halves(halves: Halves) -> None:
    """Raise SettingsError unless rows can be halved so."""
    if halves not in get_args(Halves):
        raise SettingsError(
            f"halves are of {halves!r}; choose one of {', '.join(get_args(Halves))}"
        )


@dataclass(frozen=True)
class SplitHalf:
    """One cell over word types, beside what its noise lets it reach.

    All are debiased CKA of type means, averaged over the splits.

    Attributes
    ----------
    reliability_a, reliability_b : float
        Of one half of the tokens with the other half, in the same model.
    value : float
        Of one half in a with the other half in b: no token is in both.
    sd : float
        Of `value` over the splits; how far it depends on them, not how far on the words.
    halves : {"tokens", "speakers"}
    types, left_out : int
        How many types are in both halves, on average, and how many are not.
    splits, seed : int
    rows : int or None
        Of the layers; None where what is read does not say.
    """

    reliability_a: float
    reliability_b: float
    value: float
    sd: float
    halves: Halves
    types: float
    left_out: float
    splits: int
    seed: int
    rows: int | None = None

    @property
    def ceiling(self) -> float:
        """What `value` is where both models say the same but for noise; NaN if either has none."""
        if min(self.reliability_a, self.reliability_b) > ZERO:
            return float(np.sqrt(self.reliability_a * self.reliability_b))
        return np.nan

    @property
    def corrected(self) -> float:
        """What `value` would be without noise; above 1 only by chance."""
        return self.value / self.ceiling


def split_half(
    a: Real[np.ndarray, "rows_a dim_a"],
    b: Real[np.ndarray, "rows_b dim_b"],
    words: Labels,
    speakers: Labels | None = None,
    *,
    splits: int = 20,
    seed: int = 0,
) -> SplitHalf:
    """Average the tokens of each type in two halves, and compare the halves.

    Let a type's mean be what the type is, of covariance S, and noise that the halves do not share,
    of covariance N. For many types, CKA of the halves of one model is then ||S||² / ||S + N||²,
    and of a half of a with one of b ||S_ab||² / (||S_a + N_a|| ||S_b + N_b||); so that this,
    divided by the root of both reliabilities (Spearman 1904), is CKA without noise. Noise of whole
    tokens, which a and b share where they hear the same one, is in neither: halves differ.

    Parameters
    ----------
    a, b : array [shape=(rows, dim)]
        One layer of each model over the same rows, possibly memory-mapped.
    words : sequence [shape=(rows,)]
        The word type of each row.
    speakers : sequence [shape=(rows,)], optional
        If given, the halves are of speakers, and what a speaker does to all tokens is noise, too;
        otherwise the halves are of each type's tokens.
    splits, seed : int
        How often tokens are split, at random.

    Raises
    ------
    MatrixError
        The layers, words and speakers do not share their rows, or a value is not finite.
    SettingsError
        There is no split.
    """
    if splits < 1:
        raise SettingsError(f"expected at least 1 split, found {splits}")
    for name, labels in (("rows of b", b), ("words", words), ("speakers", speakers)):
        if labels is not None and len(labels) != len(a):
            raise MatrixError(f"{len(labels)} {name} for {len(a)} rows; expected one a row")
    check_both_finite([a], [b])
    types = Groups.of(words)
    split = _by_tokens(types) if speakers is None else _by_speakers(Groups.of(speakers))
    rng = np.random.default_rng(seed)
    halves = [_common(split(rng), types) for _ in range(splits)]
    found = np.array([_compared(a, b, types.group_of, pair) for pair in halves])
    within_a, within_b, between = found.mean(axis=0).tolist()
    used = float(np.mean([len(np.unique(types.group_of[first])) for first, _ in halves]))
    return SplitHalf(
        reliability_a=within_a,
        reliability_b=within_b,
        value=between,
        sd=float(found[:, 2].std(ddof=1)) if splits > 1 else np.nan,
        halves="tokens" if speakers is None else "speakers",
        types=used,
        left_out=len(types.names) - used,
        splits=splits,
        seed=seed,
        rows=len(a),
    )


_Split = Callable[[np.random.Generator], Bool[np.ndarray, " rows"]]
_Half = Int64[np.ndarray, " half"]


def _by_tokens(types: Groups) -> _Split:
    """Return what puts every second token of each type, in a random order, in the first half."""

    def split(rng: np.random.Generator) -> Bool[np.ndarray, " rows"]:
        order = rng.permutation(len(types.group_of))
        order = order[np.argsort(types.group_of[order], stable=True)]
        first = np.empty(len(order), dtype=np.bool_)
        first[order] = np.arange(len(order)) % 2 == 0
        return first

    return split


def _by_speakers(speakers: Groups) -> _Split:
    """Return what puts half of the speakers, at random, in the first half."""

    def split(rng: np.random.Generator) -> Bool[np.ndarray, " rows"]:
        lot = rng.permutation(len(speakers.names))
        return (lot % 2 == 0)[speakers.group_of]

    return split


def _common(
    first: Bool[np.ndarray, " rows"], types: Groups
) -> tuple[_Half, Int64[np.ndarray, " other"]]:
    """Return both halves' rows, of the types that are in both."""
    size = len(types.names)
    counts = (np.bincount(types.group_of[half], minlength=size) for half in (first, ~first))
    both = np.logical_and(*counts)[types.group_of]
    return np.flatnonzero(first & both), np.flatnonzero(~first & both)


def _compared(
    a: Real[np.ndarray, "rows dim_a"],
    b: Real[np.ndarray, "rows dim_b"],
    type_of: Int64[np.ndarray, " rows"],
    halves: tuple[_Half, Int64[np.ndarray, " other"]],
) -> tuple[float, float, float]:
    """Return CKA of the halves in a, in b, and between a and b, both ways on average."""
    if not halves[0].size:
        return np.nan, np.nan, np.nan
    means = [[group_means(layer[half], type_of[half]) for half in halves] for layer in (a, b)]
    (first_a, second_a), (first_b, second_b) = means
    across = _cell(first_a, second_b), _cell(second_a, first_b)
    return _cell(first_a, second_a), _cell(first_b, second_b), sum(across) / 2


def _cell(x: Float64[np.ndarray, "types dim_x"], y: Float64[np.ndarray, "types dim_y"]) -> float:
    return float(cka([x], [y])[0, 0])
