"""A comparison whose names hold what markup, mathematics and paths make of them."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.analyses.cell_nulls import CellNulls
from pipeline.exports import ShownComparison
from pipeline.request import ComparisonRequest
from pipeline.similarity.result import Counts, SimilarityResult

MODEL_A, MODEL_B = "untrained:wav2vec2-base", 'hf:<b>"x"&amp;</b>/$y_1$ --> é'


@pytest.fixture
def shown():
    """Three by four layers; the first cell has no value."""
    scores = np.linspace(0.05, 0.95, 12).reshape(3, 4)
    scores[0, 0] = np.nan
    result = SimilarityResult(
        scores=scores,
        estimator="debiased",
        chance=np.zeros((3, 4)),
        chance_sd=np.full((3, 4), 0.01),
        model_a=MODEL_A,
        model_b=MODEL_B,
        layer_names_a=tuple(f"{k}: layer" for k in range(3)),
        layer_names_b=tuple(f"{k}: <i>block</i> {k}" for k in range(4)),
        counts=Counts(640, 640, 300, 5, 80, 7, 2),
        row_digest="ab" * 32,
        provenance={"corpus": {"name": "demo", "fingerprint": "f"}, "rows": {"values": "tokens"}},
    )
    return ShownComparison(ComparisonRequest("demo", MODEL_A, MODEL_B), result)


@pytest.fixture
def masked(shown):
    """The same with nulls; all cells but the last row are struck out."""
    shape = shown.result.scores.shape
    nulls = CellNulls(
        values=shown.result.scores,
        mean=np.full(shape, 0.05),
        sd=np.full(shape, 0.01),
        p=np.full(shape, 0.005),
        p_of_all=np.array([[0.5] * 4, [0.5] * 4, [0.01] * 4]),
        level=0.05,
        estimator="debiased",
        rows=640,
        types=300,
        permutations=200,
        seed=0,
        row_digest="ab" * 32,
    )
    return replace(shown, nulls=nulls, mask_by="words")
