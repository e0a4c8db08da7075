"""Every comparison that the store holds."""

import streamlit as st

from dashboard.loading.base import store
from dashboard.loading.library import model
from pipeline.cached_results import CachedComparison, cached_comparisons, newest_of_each
from pipeline.errors import LayerScopeError


def listed_comparisons() -> tuple[tuple[CachedComparison, ...], int]:
    """Return the newest comparison of each request, and how many records cannot be shown."""
    entries = ((entry.digest, entry.stored_at_s) for entry in store().find("comparison"))
    return _comparisons(tuple(sorted(entries)))


@st.cache_resource(max_entries=2, show_spinner="Reading the comparisons")
def _comparisons(
    entries: tuple[tuple[str, float], ...],  # noqa: ARG001 - other records, other comparisons
) -> tuple[tuple[CachedComparison, ...], int]:
    found, left_out = cached_comparisons(store())
    return newest_of_each(found), left_out


def is_current(found: CachedComparison) -> bool:
    """Return whether both models still are what they were when it was computed."""
    try:
        now = [model(name).fingerprint for name in found.models]
    except LayerScopeError:
        return False
    return tuple(now) == found.fingerprints
