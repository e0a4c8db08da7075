"""What a page shows, to be taken away: for papers, for programs, and for readers."""

from pipeline.exports.shown import ColumnWidth, FigureFormat, ShownComparison

__all__ = ["ColumnWidth", "FigureFormat", "ShownComparison"]
