"""How alike two sets of word vectors are: plain functions over arrays."""

from pipeline.similarity.cka import cka
from pipeline.similarity.grid import LayerSimilarities, similarity_of_layers
from pipeline.similarity.measure import MEASURES, Invariance, Measure
from pipeline.similarity.result import Counts, Estimator, SimilarityResult

__all__ = [
    "MEASURES",
    "Counts",
    "Estimator",
    "Invariance",
    "LayerSimilarities",
    "Measure",
    "SimilarityResult",
    "cka",
    "similarity_of_layers",
]
