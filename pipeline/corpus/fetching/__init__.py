"""Fetch public corpora: download what is missing, check it, unpack it, register it."""

from pipeline.corpus.fetching.fetch import Fetched, fetch
from pipeline.corpus.fetching.sources import SOURCES, Archive, Source, find_source

__all__ = ["SOURCES", "Archive", "Fetched", "Source", "fetch", "find_source"]
