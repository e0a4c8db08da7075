"""What is asked of a comparison beyond its scores: computed in background, kept, and named.

An analysis is one file: what it computes of two models' compared rows, with which settings, and how
its result lies in the store. The engine, the command line and the pages reach all of them through
the same two functions.
"""

from pipeline.analyses.request import AnalysisRequest
from pipeline.analyses.running import ANALYSES, compute_analysis, load_analysis

__all__ = ["ANALYSES", "AnalysisRequest", "compute_analysis", "load_analysis"]
