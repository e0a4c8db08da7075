"""CKA of layers whose relation is known, for those who learn to read it."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from pipeline.similarity.grid import similarity_of_layers
from pipeline.similarity.row_transforms import group_means

DIMS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
CAPS = (1, 2, 5, 10, 20, 50, 100)
TABLE_DIMS = (768, 300)
_TYPES = 991


@dataclass(frozen=True)
class Unrelated:
    """CKA of two layers of independent Gaussian numbers, which have nothing in common.

    Attributes
    ----------
    rows, dims : int
        Of both layers.
    debiased, biased : float
        Of one draw; the debiased one does not exist in one dimension of few rows.
    expected_biased : float
        ``dims / (dims + rows)``, what the biased value is about.
    chance_sd : float
        Standard deviation of the debiased value over all permutations of the rows.
    """

    rows: int
    dims: int
    debiased: float
    biased: float
    expected_biased: float
    chance_sd: float


def unrelated_layers(rows: int, seed: int = 0) -> tuple[Unrelated, ...]:
    """Return CKA of unrelated layers of so many rows, for each of `DIMS`."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, rows, DIMS[-1]))
    return tuple(_unrelated(a[:, :dims], b[:, :dims]) for dims in DIMS)


def _unrelated(a: np.ndarray, b: np.ndarray) -> Unrelated:
    rows, dims = a.shape
    found = similarity_of_layers([a], [b])
    return Unrelated(
        rows,
        dims,
        debiased=float(found.debiased[0, 0]),
        biased=float(found.biased[0, 0]),
        expected_biased=dims / (dims + rows),
        chance_sd=float(found.chance_sd_debiased[0, 0]),
    )


@dataclass(frozen=True)
class RepeatedWords:
    """Debiased CKA of two tables of random vectors, one a word type, which have nothing in common.

    Attributes
    ----------
    most_per_type : int
        Tokens that a type has at most.
    tokens, types : int
    over_tokens, over_types : float
        With a row for each token, and with one for each type.
    expected : float
        What the former is about: with p the share of pairs of tokens that are of one type,
        p / √((p + 1/d) (p + 1/e)) for tables of d and e dimensions.
    z : float
        Of the value over tokens: standard deviations above all permutations of the rows.
    """

    most_per_type: int
    tokens: int
    types: int
    over_tokens: float
    over_types: float
    expected: float
    z: float


def repeated_words(seed: int = 0) -> tuple[RepeatedWords, ...]:
    """Return CKA of two random tables whose types come as often as words do, for each of `CAPS`.

    A few types come very often and half of them once; more of a type than the cap are left out.
    """
    rng = np.random.default_rng(seed)
    tables = [rng.normal(size=(_TYPES, dims)) for dims in TABLE_DIMS]
    return tuple(_repeated(tables, cap) for cap in CAPS)


def _repeated(tables: list[np.ndarray], most_per_type: int) -> RepeatedWords:
    counts = np.minimum(1000 // np.arange(10, 10 + _TYPES), most_per_type)
    words = np.repeat(np.arange(_TYPES), counts)
    a, b = (table[words] for table in tables)
    tokens = similarity_of_layers([a], [b])
    types = similarity_of_layers([group_means(a, words)], [group_means(b, words)])
    value = float(tokens.debiased[0, 0])
    return RepeatedWords(
        most_per_type,
        tokens=len(words),
        types=_TYPES,
        over_tokens=value,
        over_types=float(types.debiased[0, 0]),
        expected=_expected(counts),
        z=value / float(tokens.chance_sd_debiased[0, 0]),
    )


def _expected(counts: np.ndarray) -> float:
    tokens = int(counts.sum())
    pairs = (int((counts**2).sum()) - tokens) / (tokens * (tokens - 1))
    d, e = TABLE_DIMS
    return pairs / sqrt((pairs + 1 / d) * (pairs + 1 / e))
