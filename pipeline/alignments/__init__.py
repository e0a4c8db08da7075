"""Alignment files: one module a format, and their matching to the transcript."""

from pipeline.alignments.alignment import Alignment
from pipeline.alignments.formats import read_alignment, read_recordings

__all__ = ["Alignment", "read_alignment", "read_recordings"]
