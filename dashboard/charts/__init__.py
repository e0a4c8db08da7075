"""Similarity results as Plotly figures: pure functions, no page and no browser."""

from dashboard.charts.agreement import agreement_map
from dashboard.charts.curve import row_curve
from dashboard.charts.difference import difference_heatmap
from dashboard.charts.heatmap import similarity_heatmap
from dashboard.charts.illustrations import repetition_curve, unrelated_curve
from dashboard.charts.profiles import layer_profile
from dashboard.charts.thumbnail import thumbnail
from dashboard.charts.word_maps import word_maps

__all__ = [
    "agreement_map",
    "difference_heatmap",
    "layer_profile",
    "repetition_curve",
    "row_curve",
    "similarity_heatmap",
    "thumbnail",
    "unrelated_curve",
    "word_maps",
]
