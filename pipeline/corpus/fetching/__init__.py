"""Fetch public corpora: download what is missing, check it, unpack it, register it.

`fetch` is in a module of its own: its HTTP library takes a sixth of a second to import.
"""

from pipeline.corpus.fetching.sources import SOURCES, Archive, Source, find_source

__all__ = ["SOURCES", "Archive", "Source", "find_source"]
