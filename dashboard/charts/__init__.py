"""Similarity results as Plotly figures: pure functions, no page and no browser."""

from dashboard.charts.agreement import agreement_map
from dashboard.charts.curve import row_curve
from dashboard.charts.difference import difference_heatmap
from dashboard.charts.disagreement import disagreement_heatmap
from dashboard.charts.heatmap import similarity_heatmap
from dashboard.charts.illustrations import repetition_curve, unrelated_curve
from dashboard.charts.profiles import layer_profile
from dashboard.charts.side_by_side import Panel, best_lines, score_panel, shared_domain
from dashboard.charts.thumbnail import thumbnail
from dashboard.charts.word_maps import word_maps

__all__ = [
    "Panel",
    "agreement_map",
    "best_lines",
    "difference_heatmap",
    "disagreement_heatmap",
    "layer_profile",
    "repetition_curve",
    "row_curve",
    "score_panel",
    "shared_domain",
    "similarity_heatmap",
    "thumbnail",
    "unrelated_curve",
    "word_maps",
]
