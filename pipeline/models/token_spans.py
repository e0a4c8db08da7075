"""Which sub-word tokens each word of a transcript became."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Int64


def word_of_tokens(
    words: Sequence[str],
    offsets: Int64[np.ndarray, "tokens 2"],
    special: Bool[np.ndarray, " tokens"],
) -> Int64[np.ndarray, " tokens"]:
    """Return the index of the word that each token belongs to, -1 for special tokens.

    Parameters
    ----------
    words : sequence of str
        What was joined with single spaces and tokenised at once. A word owns its characters and
        the space before them, so that a token that is only a space goes to the word it opens.
    offsets : int64 array [shape=(tokens, 2)]
        Character range of each token in the joined text.
    special : bool array [shape=(tokens,)]

    Examples
    --------
    >>> offsets = np.array([[0, 0], [0, 2], [2, 5], [6, 8], [0, 0]])
    >>> word_of_tokens(["don't", "go"], offsets, np.array([True, False, False, False, True]))
    array([-1,  0,  0,  1, -1])
    """
    word_ends = np.cumsum([len(word) + 1 for word in words]) - 1
    owners = np.searchsorted(word_ends, offsets[:, 0], side="right")
    # A token without width may sit at the very end of the text.
    return np.where(special, -1, np.minimum(owners, len(words) - 1)).astype(np.int64)


def token_spans(
    word_count: int, windows: Sequence[Int64[np.ndarray, " _"]]
) -> Int64[np.ndarray, "words 2"]:
    """Return the half-open token range of each word in the windows laid end to end.

    A word that lies in several windows is taken from the one where it is whole and farthest from
    the window's ends. A word without a token has an empty range.

    Parameters
    ----------
    word_count : int
    windows : sequence of int64 array [shape=(tokens,)]
        The word that each token belongs to, as :func:`word_of_tokens` gives it.

    Examples
    --------
    >>> token_spans(3, [np.array([-1, 0, 1, 1, -1]), np.array([-1, 1, 1, 2, -1])]).tolist()
    [[1, 2], [2, 4], [8, 9]]
    """
    spans = np.zeros((word_count, 2), dtype=np.int64)
    best = [(0, 0)] * word_count
    window_start = 0
    for owners in windows:
        for word in np.unique(owners[owners >= 0]).tolist():
            tokens = np.flatnonzero(owners == word)
            first, last = int(tokens[0]), int(tokens[-1])
            quality = (len(tokens), 1 + min(first, len(owners) - 1 - last))
            if quality > best[word]:
                best[word] = quality
                spans[word] = window_start + first, window_start + last + 1
        window_start += len(owners)
    return spans


def whole_words(
    word_count: int,
    windows: Sequence[Int64[np.ndarray, " _"]],
    offsets: Sequence[Int64[np.ndarray, "_ 2"]],
) -> Bool[np.ndarray, " words"]:
    """Return whether some window holds all characters of each word that any window holds.

    A word with more tokens than a window has room for is whole in none.

    Parameters
    ----------
    windows, offsets : sequence of arrays
        The word and the character range of each token, by window.

    Examples
    --------
    >>> owners, ranges = [np.array([0, 0]), np.array([0, 1])], [[[0, 2], [2, 4]], [[4, 6], [7, 9]]]
    >>> whole_words(2, owners, [np.array(each) for each in ranges])
    array([False,  True])
    """
    found: list[set[tuple[int, int]]] = [set() for _ in range(word_count)]
    for owners, ranges in zip(windows, offsets, strict=True):
        for word in np.unique(owners[owners >= 0]).tolist():
            own = ranges[owners == word]
            found[word].add((int(own[:, 0].min()), int(own[:, 1].max())))
    return np.array(
        [
            not each or (min(start for start, _ in each), max(end for _, end in each)) in each
            for each in found
        ],
        dtype=np.bool_,
    )
