"""Forced alignment: when each word of a transcript was spoken, for corpora that do not say."""

from pipeline.forced_alignment.aligner import ALIGNERS, Aligner, open_aligner

__all__ = ["ALIGNERS", "Aligner", "open_aligner"]
