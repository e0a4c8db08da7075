"""Similarity results as Plotly figures: pure functions, no page and no browser."""

from dashboard.charts.difference import difference_heatmap
from dashboard.charts.heatmap import similarity_heatmap
from dashboard.charts.profiles import layer_profile

__all__ = ["difference_heatmap", "layer_profile", "similarity_heatmap"]
