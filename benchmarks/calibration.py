"""Calibration of one cell, against CKA computed anew for each permutation or draw."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float32, Int64

from benchmarks.ratio import Ratio, best_seconds
from pipeline.similarity.bootstrap import bootstrap
from pipeline.similarity.cka import cka
from pipeline.similarity.row_transforms import group_means
from pipeline.similarity.type_null import type_null

Layer = Float32[np.ndarray, "rows dim"]
Labels = Int64[np.ndarray, " rows"]

ROWS, DIM, SPEAKERS = 4000, 768, 40
PERMUTATIONS, DRAWS, TIMED = 200, 1000, 3


def ratios() -> Iterator[Ratio]:
    """Time the type null and the bootstrap beside a few of their permutations and draws."""
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal((ROWS, DIM), dtype=np.float32) for _ in range(2))
    # As in speech, a few types come very often and most once.
    share = 1 / np.arange(10, 8000)
    words = np.unique(rng.choice(len(share), ROWS, p=share / share.sum()), return_inverse=True)[1]
    speakers = rng.integers(0, SPEAKERS, ROWS)
    null, interval, permuted, drawn = best_seconds(
        lambda: type_null(a, b, words, permutations=PERMUTATIONS),
        lambda: bootstrap(a, b, words, speakers, draws=DRAWS),
        lambda: _permuted_plainly(a, b, words, rng),
        lambda: _drawn_plainly(a, b, words, speakers, rng),
    )
    size = f"{ROWS} words of {words.max() + 1} types, {DIM} dims"
    reference = f"CKA anew for each ({TIMED} timed)"
    name = f"type null of a cell, {PERMUTATIONS} permutations, {size}"
    yield Ratio(name, null, reference, permuted * PERMUTATIONS / TIMED)
    name = f"bootstrap of a cell, {DRAWS} draws, {size}"
    yield Ratio(name, interval, reference, drawn * DRAWS / TIMED)


def _permuted_plainly(a: Layer, b: Layer, words: Labels, rng: np.random.Generator) -> None:
    means = group_means(b, words)
    for _ in range(TIMED):
        moved = means[rng.permutation(len(means))]
        cka([a], [b + (moved - means)[words]])


def _drawn_plainly(
    a: Layer, b: Layer, words: Labels, speakers: Labels, rng: np.random.Generator
) -> None:
    """Compare the drawn rows; copies of a row are left in, which takes as long."""
    for _ in range(TIMED):
        often = [
            np.bincount(rng.integers(0, count, count), minlength=count)
            for count in (words.max() + 1, SPEAKERS)
        ]
        rows = np.repeat(np.arange(ROWS), often[0][words] * often[1][speakers])
        cka([a[rows]], [b[rows]])
