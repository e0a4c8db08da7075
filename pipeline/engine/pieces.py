"""Chunks of utterances on the workers: few at a time, halved when they fail, until each is settled.

A task that fails for a reason of its own (its worker ends, it takes longer than it may, or the
model's code raises what it should not) does not tell which utterance did it. So it is halved until
one utterance is left, which is given up; the others go on.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from distributed import Client

from cache import CacheError
from pipeline.corpus.utterance import Utterance
from pipeline.engine.calls import MOST_KILLS, WORKER_ENDED, Call
from pipeline.engine.chunks import Chunk, halves
from pipeline.errors import EngineError, LayerScopeError, TaskTimeError

log = logging.getLogger(__name__)

# Enough that no worker waits for us; few enough that a scheduler holds them all.
MOST_SUBMITTED = 256
# Jobs take turns of so many tasks: longer than it takes to load another model, which a worker that
# goes from job to job has to do each time.
TURN = 16
# When not one task succeeds between so many failures, it is not for an utterance.
MOST_FAILURES_IN_A_ROW = 12


@runtime_checkable
class Work(Protocol):
    """What is to be done for utterances."""

    def call(self, chunk: Chunk, trial: int, priority: int) -> Call:
        """Return the call for a chunk that failed `trial` times."""

    def settle(self, chunk: Chunk, call: Call) -> None:
        """Take note of a chunk that is done."""

    def give_up(self, utterance: Utterance, reason: str) -> None:
        """Take note of an utterance that cannot be done."""


@dataclass(frozen=True, eq=False)
class Piece:
    """A chunk, how often it (or what it is a part of) failed, and its call."""

    chunk: Chunk
    trial: int
    call: Call


class Pieces:
    """All chunks of a piece of work.

    Parameters
    ----------
    work : Work
    chunks : iterable of tuples of Utterance
    note : callable
        Writes a line into the job's log.
    """

    def __init__(self, work: Work, chunks: Iterable[Chunk], note: Callable[[str], None]) -> None:
        self._work, self._note = work, note
        self._waiting = deque((chunk, 0) for chunk in chunks)
        self._submitted: list[Piece] = []
        self._number = 0
        self._failures_in_a_row = 0

    def advance(self, client: Client) -> bool:
        """Look at what was submitted, submit more; return whether all is settled.

        Raises
        ------
        LayerScopeError, CacheError
            If the work cannot be done at all.
        """
        for piece in list(self._submitted):
            self._look(piece, client)
        self._submit(client)
        return not self._submitted and not self._waiting

    def release(self) -> None:
        """Let go of what was submitted."""
        for piece in self._submitted:
            piece.call.release()

    def _look(self, piece: Piece, client: Client) -> None:
        try:
            outcome = piece.call.look(client)
            if outcome == "done":
                self._work.settle(piece.chunk, piece.call)
        except (TimeoutError, CancelledError):
            # It was lost while it was looked at; the next look will find it pending or lost.
            return
        except Exception as error:
            if not _is_of_a_task(error):
                raise
            log.exception("a task failed; its utterances: %d", len(piece.chunk))
            self._remove(piece)
            self._try_again(piece, str(error) if isinstance(error, TaskTimeError) else repr(error))
        else:
            if outcome == "done":
                self._remove(piece)
                self._failures_in_a_row = 0
            elif outcome == "killed":
                self._remove(piece)
                self._try_again(piece, WORKER_ENDED)

    def _remove(self, piece: Piece) -> None:
        piece.call.release()
        self._submitted.remove(piece)

    def _try_again(self, piece: Piece, reason: str) -> None:
        self._failures_in_a_row += 1
        if self._failures_in_a_row == MOST_FAILURES_IN_A_ROW:
            raise EngineError(f"{MOST_FAILURES_IN_A_ROW} tasks failed in a row; the last: {reason}")
        trial, number = piece.trial + 1, len(piece.chunk)
        if number > 1:
            self._note(f"a task of {number} utterances is halved: {reason}")
            self._waiting.extend((half, trial) for half in halves(piece.chunk))
        elif trial < MOST_KILLS:
            self._waiting.append((piece.chunk, trial))
        else:
            (utterance,) = piece.chunk
            self._note(f"utterance {utterance.id} left out: {reason}")
            self._work.give_up(utterance, reason)

    def _submit(self, client: Client) -> None:
        for _ in range(len(self._waiting)):
            if len(self._submitted) >= MOST_SUBMITTED:
                return
            chunk, trial = self._waiting.popleft()
            if trial and any(piece.trial for piece in self._submitted):
                # Of two suspects at once, the innocent would be blamed for the other.
                self._waiting.append((chunk, trial))
                continue
            priority = -(self._number // TURN)
            self._number += 1
            piece = Piece(chunk, trial, self._work.call(chunk, trial, priority))
            piece.call.submit(client)
            self._submitted.append(piece)


def _is_of_a_task(error: Exception) -> bool:
    """Return whether another task may do better."""
    return isinstance(error, TaskTimeError) or not isinstance(error, LayerScopeError | CacheError)
