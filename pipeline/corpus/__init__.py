"""Where corpora come from: utterances, their words and when each was spoken."""

from pipeline.corpus.opening import open_corpus
from pipeline.corpus.utterance import Corpus, Problem, Utterance
from pipeline.time_axis import Interval

__all__ = ["Corpus", "Interval", "Problem", "Utterance", "open_corpus"]
