import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.corpus import open_corpus
from pipeline.engine.chunks import chunks, halves


@pytest.fixture(scope="module")
def utterances():
    return open_corpus("demo").utterances


@given(chunk_s=st.floats(min_value=0.1, max_value=1000.0), first=st.integers(0, 79))
def test_chunks_are_the_utterances_in_order_and_start_within_their_share(
    utterances, chunk_s, first
):
    dealt = list(chunks(utterances[first:], chunk_s))
    assert [u for chunk in dealt for u in chunk] == list(utterances[first:])
    for chunk in dealt:
        # The last may reach over the end of the share.
        assert sum(u.duration_s for u in chunk[:-1]) <= chunk_s + 1e-6


def test_one_share_is_one_chunk(utterances):
    assert list(chunks(utterances, 600.0)) == [utterances]
    assert len(list(chunks(utterances, 20.0))) == 9
    assert list(chunks((), 20.0)) == []


@given(length=st.integers(2, 80))
def test_halves_are_never_empty(utterances, length):
    chunk = utterances[:length]
    first, second = halves(chunk)
    assert (*first, *second) == chunk
    assert abs(len(first) - len(second)) <= 1
