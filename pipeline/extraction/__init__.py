"""Use case 1, slow: one model over one corpus, word by word, into the store."""

from pipeline.extraction.embedding import embed
from pipeline.extraction.hearing import listen
from pipeline.extraction.storing import embed_into

__all__ = ["embed", "embed_into", "listen"]
