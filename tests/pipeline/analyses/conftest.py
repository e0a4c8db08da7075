"""A comparison of controls, which needs no embeddings."""

import pytest

from pipeline.request import ComparisonRequest

LOOKUPS = ComparisonRequest("demo", "control:lookup?seed=1", "control:lookup?seed=2")


@pytest.fixture
def lookups(home):  # noqa: ARG001 - a home folder of its own
    """Two random tables: alike token by token, and not as types."""
    return LOOKUPS
