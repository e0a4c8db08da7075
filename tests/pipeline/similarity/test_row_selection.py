from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SettingsError
from pipeline.similarity.row_selection import (
    RowSelection,
    Tokens,
    at_most,
    duration_within,
    first_occurrences,
    frequency_within,
    in_vocabulary,
)
from pipeline.words.rows import Rows

WORDS = st.lists(st.sampled_from(["the", "of", "cat", "sat", "on"]), max_size=40)


@dataclass(frozen=True, eq=False)
class Listed:
    utterances: tuple[str, ...]
    words: tuple[str, ...]
    start: np.ndarray
    end: np.ndarray


def tokens(count=300, seed=0):
    rng = np.random.default_rng(seed)
    words = [f"w{number}" for number in np.minimum(rng.geometric(0.15, size=count), 25)]
    start = np.sort(rng.uniform(0, 99, size=count))
    names = [f"u{number}" for number in np.sort(rng.integers(0, 20, size=count))]
    return Listed(tuple(names), tuple(words), start, start + rng.uniform(0.05, 0.9, size=count))


def test_the_rows_of_a_matrix_are_tokens():
    empty, none = np.zeros(0), np.zeros(0, dtype=np.int32)
    rows = Rows((), none, (), (), empty, empty)
    assert isinstance(rows, Tokens)
    assert RowSelection(first_occurrence=True, most_per_type=1, most_rows=1).kept(rows).shape == (
        0,
    )


def test_by_default_all_tokens_are_kept():
    assert RowSelection().kept(tokens()).all()


@given(words=WORDS)
def test_first_occurrences_are_those_that_a_loop_finds(words):
    assert first_occurrences(words).tolist() == [w not in words[:i] for i, w in enumerate(words)]


@given(words=WORDS, most=st.integers(1, 6), seed=st.integers(0, 99))
def test_at_most_so_many_of_a_type_are_kept_and_a_higher_limit_keeps_them_too(words, most, seed):
    kept = at_most(words, most, seed)
    found = Counter(word for word, one in zip(words, kept, strict=True) if one)
    assert found == {word: min(count, most) for word, count in Counter(words).items()}
    assert (at_most(words, most + 1, seed) >= kept).all()


def test_every_token_of_a_type_is_as_likely_to_be_drawn():
    words = ["the", "cat", "the", "the", "cat", "the"]
    drawn = np.mean([at_most(words, 1, seed) for seed in range(2000)], axis=0)
    np.testing.assert_allclose(drawn, [0.25, 0.5, 0.25, 0.25, 0.5, 0.25], atol=0.05)


@given(words=WORDS, fewest=st.integers(0, 5), most=st.none() | st.integers(1, 9))
def test_frequencies_are_those_of_a_loop(words, fewest, most):
    expected = [fewest <= words.count(word) <= (most or 99) for word in words]
    assert frequency_within(words, fewest, most).tolist() == expected


def test_limits_of_duration_are_included():
    start, end = np.zeros(4), np.array([0.1, 0.2, 0.3, 0.4])
    assert duration_within(start, end, 0.2, 0.3).tolist() == [False, True, True, False]


def test_only_the_vocabulary_is_kept():
    assert in_vocabulary(["the", "cat", "the"], {"cat", "dog"}).tolist() == [False, True, False]


def by_loops(listed, selection):
    """Apply the selection to a list of row numbers, one step after the other."""
    counts = Counter(listed.words)
    rows = [
        row
        for row, word in enumerate(listed.words)
        if listed.end[row] - listed.start[row] >= selection.shortest_s
        and listed.end[row] - listed.start[row] <= (selection.longest_s or 10**9)
        and selection.fewest_of_type <= counts[word] <= (selection.most_of_type or 10**9)
        and (selection.vocabulary is None or word in selection.vocabulary)
    ]
    if selection.first_occurrence:
        seen, first = set(), []
        for row in rows:
            name = listed.utterances[row], listed.words[row]
            if name not in seen:
                first.append(row)
            seen.add(name)
        rows = first
    return rows


def test_filters_and_first_occurrences_are_those_of_loops():
    listed = tokens()
    selection = RowSelection(
        first_occurrence=True,
        fewest_of_type=4,
        most_of_type=40,
        shortest_s=0.2,
        longest_s=0.7,
        vocabulary=tuple(sorted(set(listed.words) - {"w3"})),
    )
    kept = np.flatnonzero(selection.kept(listed)).tolist()
    assert kept == by_loops(listed, selection)
    assert 20 < len(kept) < 200


def test_a_limit_per_type_counts_what_the_filters_left():
    listed = tokens()
    selection = RowSelection(first_occurrence=True, shortest_s=0.3, most_per_type=3, seed=4)
    left = by_loops(listed, selection)
    kept = np.flatnonzero(selection.kept(listed)).tolist()
    assert set(kept) <= set(left)
    of_type = defaultdict(list)
    for row in left:
        of_type[listed.words[row]].append(row)
    assert Counter(listed.words[row] for row in kept) == {
        word: min(3, len(rows)) for word, rows in of_type.items()
    }


def test_samples_come_last_and_come_again_with_their_seed():
    listed = tokens()
    selection = RowSelection(most_per_type=5, most_rows=30, seed=1)
    kept = selection.kept(listed)
    assert kept.sum() == 30
    assert (kept <= RowSelection(most_per_type=5, seed=1).kept(listed)).all()
    np.testing.assert_array_equal(kept, selection.kept(listed))
    other = RowSelection(most_per_type=5, most_rows=30, seed=2).kept(listed)
    assert (other != kept).any()


@pytest.mark.parametrize("name", ["most_per_type", "most_of_type", "most_rows"])
def test_limits_that_keep_nothing_are_refused(name):
    with pytest.raises(SettingsError, match=f"expected {name} of at least 1, or None, found 0"):
        RowSelection(**{name: 0})
