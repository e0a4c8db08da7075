from itertools import groupby, product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchaudio.functional import forced_align

from pipeline.forced_alignment.ctc_path import best_path, fewest_frames, token_spans


def collapsed(path, blank):
    """Return the text that a path spells, by the definition of CTC."""
    return [label for label, _ in groupby(path) if label != blank]


@st.composite
def problems(draw, frames, vocabulary, tokens):
    """Draw random probabilities, a text that fits in the frames, and a blank."""
    size = draw(st.integers(2, vocabulary))
    blank = draw(st.integers(0, size - 1))
    letters = [label for label in range(size) if label != blank]
    text = np.array(draw(st.lists(st.sampled_from(letters), min_size=1, max_size=tokens)))
    count = draw(st.integers(fewest_frames(text), max(frames, fewest_frames(text))))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    return np.log(random.dirichlet(np.ones(size), size=count)), text, blank


@given(problems(frames=6, vocabulary=4, tokens=3))
def test_the_path_is_the_best_of_all_that_spell_the_text(problem):
    log_probabilities, text, blank = problem
    count, size = log_probabilities.shape
    spelling = [
        path
        for path in product(range(size), repeat=count)
        if collapsed(path, blank) == text.tolist()
    ]
    scores = [sum(log_probabilities[range(count), path]) for path in spelling]
    assert best_path(*problem).tolist() == list(spelling[int(np.argmax(scores))])


@given(problems(frames=120, vocabulary=12, tokens=40))
def test_the_path_is_that_of_torchaudio(problem):
    log_probabilities, text, blank = problem
    path, _ = forced_align(
        torch.tensor(log_probabilities)[None], torch.tensor(text)[None], blank=blank
    )
    assert best_path(*problem).tolist() == path[0].tolist()


@given(problems(frames=30, vocabulary=6, tokens=8))
def test_spans_are_the_tokens_in_order_and_every_other_frame_is_blank(problem):
    _, text, blank = problem
    path = best_path(*problem)
    spans = token_spans(path, blank)
    assert [set(path[start:end].tolist()) for start, end in spans] == [{token} for token in text]
    assert np.all(spans[:, 0] < spans[:, 1])
    assert np.all(spans[1:, 0] >= spans[:-1, 1])
    inside = np.concatenate([np.arange(start, end) for start, end in spans])
    assert np.all(np.delete(path, inside) == blank)


def test_equal_neighbours_need_a_blank_between_them():
    assert fewest_frames(np.array([3, 3, 3, 4])) == 6
    assert fewest_frames(np.array([3])) == 1


@pytest.mark.parametrize("text", [[], [1, 1], [1, 2, 1]])
def test_a_text_that_does_not_fit_in_the_frames_is_refused(text):
    with pytest.raises(ValueError, match="2 frames for"):
        best_path(np.zeros((2, 3)), np.array(text, dtype=np.int64), 0)
