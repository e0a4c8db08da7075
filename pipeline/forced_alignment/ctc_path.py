"""The most probable path of a known text through the output of a CTC model.

Connectionist temporal classification (Graves et al. 2006) labels each frame with a token or with
the blank. A path spells the text if it is the text once repeated labels are merged and blanks are
dropped; so equal neighbours in the text have a blank between them.

torchaudio's `forced_align` finds the same path, but its removal is announced.
"""

import numpy as np
from jaxtyping import Float, Int64


def fewest_frames(tokens: Int64[np.ndarray, " tokens"]) -> int:
    """Return how many frames a path needs: one a token, and a blank between equal neighbours."""
    return len(tokens) + int(np.count_nonzero(tokens[1:] == tokens[:-1]))


def best_path(
    log_probabilities: Float[np.ndarray, "frames vocabulary"],
    tokens: Int64[np.ndarray, " tokens"],
    blank: int,
) -> Int64[np.ndarray, " frames"]:
    """Return the label of each frame on the most probable path (Viterbi).

    The states are the tokens with a blank before, between and after them. From one frame to the
    next a path stays, goes to the next state, or skips a blank between unequal tokens.

    Raises
    ------
    ValueError
        If there are no tokens, or fewer frames than `fewest_frames`.
    """
    if not 0 < fewest_frames(tokens) <= len(log_probabilities):
        raise ValueError(
            f"{len(log_probabilities)} frames for {len(tokens)} tokens; expected at least one "
            f"token, and {fewest_frames(tokens)} frames"
        )
    labels = np.full(2 * len(tokens) + 1, blank)
    labels[1::2] = tokens
    may_skip = np.zeros(len(labels), dtype=np.bool_)
    may_skip[3::2] = tokens[1:] != tokens[:-1]
    emitted = log_probabilities[:, labels].astype(np.float64)
    steps = np.zeros(emitted.shape, dtype=np.int8)
    scores = np.full(len(labels), -np.inf)
    scores[:2] = emitted[0, :2]
    for frame in range(1, len(emitted)):
        arriving = np.full((3, len(labels)), -np.inf)
        arriving[0] = scores
        arriving[1, 1:] = scores[:-1]
        arriving[2, may_skip] = scores[:-2][may_skip[2:]]
        steps[frame] = arriving.argmax(axis=0)
        scores = arriving.max(axis=0) + emitted[frame]
    last = len(labels) - 1 if scores[-1] > scores[-2] else len(labels) - 2
    return labels[_states(steps, last)]


def _states(steps: np.ndarray, last: int) -> Int64[np.ndarray, " frames"]:
    """Follow the steps back from the last frame's state."""
    states = np.full(len(steps), last)
    for frame in range(len(steps) - 1, 0, -1):
        states[frame - 1] = states[frame] - steps[frame, states[frame]]
    return states


def token_spans(path: Int64[np.ndarray, " frames"], blank: int) -> Int64[np.ndarray, "tokens 2"]:
    """Return the half-open frame range of each token of a path.

    Examples
    --------
    >>> token_spans(np.array([0, 7, 7, 0, 7, 5]), blank=0).tolist()
    [[1, 3], [4, 5], [5, 6]]
    """
    changes = np.flatnonzero(np.diff(path)) + 1
    starts, ends = np.append(0, changes), np.append(changes, len(path))
    is_token = path[starts] != blank
    return np.stack([starts[is_token], ends[is_token]], axis=1)
