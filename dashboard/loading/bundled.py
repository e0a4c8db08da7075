"""The bundle that this server shows, where it shows one."""

from dashboard.loading.library import corpus
from pipeline.bundle import bundle
from pipeline.demonstration import first_request

__all__ = ["bundle", "first_request", "has_sound"]


def has_sound(corpus_name: str, utterance: str) -> bool:
    """Return whether an utterance can be heard: a bundle may hold the sound of a few, or none."""
    return bundle() is None or corpus(corpus_name).by_id[utterance].audio.is_file()
