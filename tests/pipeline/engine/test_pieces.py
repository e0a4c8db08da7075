"""The rules by which tasks are halved and given up, on calls that end as a test says."""

from dataclasses import dataclass, field

import pytest

from cache import StoreFullError
from pipeline.corpus import open_corpus
from pipeline.engine import pieces as module
from pipeline.engine.pieces import Pieces
from pipeline.errors import EngineError, ModelError, TaskTimeError

# The calls are scripted and there is no client.
pytestmark = pytest.mark.usefixtures("unchecked_types")

UTTERANCES = open_corpus("demo").utterances[:8]
CLIENT = None


@dataclass
class ScriptedWork:
    """Utterances by their number in `UTTERANCES`; a call ends as the worst of its own."""

    fate: dict[int, object] = field(default_factory=dict)
    settled: list[int] = field(default_factory=list)
    given_up: dict[int, str] = field(default_factory=dict)
    calls: list[tuple[int, ...]] = field(default_factory=list)
    released: int = 0
    suspects_together: int = 0
    pending: list[tuple[int, ...]] = field(default_factory=list)

    def call(self, chunk, trial, priority):
        return ScriptedCall(self, numbers(chunk), trial, priority)

    def settle(self, chunk, _call):
        self.settled += numbers(chunk)

    def give_up(self, utterance, reason):
        self.given_up[UTTERANCES.index(utterance)] = reason


@dataclass
class ScriptedCall:
    work: ScriptedWork
    chunk: tuple[int, ...]
    trial: int
    priority: int

    def submit(self, _client):
        self.work.calls.append(self.chunk)
        self.work.pending.append(self)
        suspects = sum(call.trial > 0 for call in self.work.pending)
        self.work.suspects_together = max(self.work.suspects_together, suspects)

    def look(self, _client):
        fates = [self.work.fate[number] for number in self.chunk if number in self.work.fate]
        for fate in fates:
            if isinstance(fate, Exception):
                raise fate
        return fates[0] if fates else "done"

    def release(self):
        self.work.pending.remove(self)
        self.work.released += 1


def numbers(chunk):
    return tuple(UTTERANCES.index(utterance) for utterance in chunk)


def finish(work, chunks):
    """Advance until all is settled; return what was noted."""
    noted = []
    pieces = Pieces(work, chunks, noted.append)
    for _ in range(200):
        if pieces.advance(CLIENT):
            return noted
    raise AssertionError("it does not end")


def test_what_goes_well_is_done_once_and_let_go(monkeypatch):
    monkeypatch.setattr(module, "MOST_SUBMITTED", 1)
    work = ScriptedWork()
    assert finish(work, [UTTERANCES[:3], UTTERANCES[3:]]) == []
    assert work.calls == [(0, 1, 2), (3, 4, 5, 6, 7)]
    assert work.settled == list(range(8))
    assert (work.released, work.pending) == (2, [])


@pytest.mark.parametrize(
    ("fate", "said"),
    [
        ("killed", "ended each time"),
        (LookupError("odd"), "LookupError('odd')"),
        (TaskTimeError(90.0), "a task took longer than 1.5 minutes"),
    ],
)
@pytest.mark.parametrize("culprits", [{5}, {0, 7}, {3, 4}])
def test_exactly_the_utterances_that_fail_are_given_up(fate, said, culprits):
    work = ScriptedWork(dict.fromkeys(culprits, fate))
    noted = finish(work, [UTTERANCES])
    assert set(work.given_up) == culprits
    assert sorted(work.settled) == [number for number in range(8) if number not in culprits]
    for reason in work.given_up.values():
        assert said in reason
    assert work.suspects_together == 1
    assert work.pending == []
    assert sum("left out" in line for line in noted) == len(culprits)


def test_one_utterance_is_tried_three_times():
    work = ScriptedWork({0: "killed"})
    finish(work, [UTTERANCES[:1], UTTERANCES[1:2]])
    assert work.calls.count((0,)) == 3
    assert work.settled == [1]


@pytest.mark.parametrize("error", [ModelError("no such weights"), StoreFullError("no room")])
def test_what_no_utterance_is_to_blame_for_ends_the_work(error):
    work = ScriptedWork({2: error})
    with pytest.raises(type(error), match=str(error)):
        finish(work, [UTTERANCES])
    assert work.given_up == {}
    assert work.calls == [tuple(range(8))]


def test_when_everything_fails_it_is_not_for_an_utterance():
    work = ScriptedWork(dict.fromkeys(range(8), ModuleNotFoundError("pipeline")))
    with pytest.raises(EngineError, match=r"12 tasks failed in a row; the last: .*pipeline"):
        finish(work, [UTTERANCES[:4], UTTERANCES[4:]])


@pytest.mark.parametrize("error", [TimeoutError(), module.CancelledError()])
def test_what_is_lost_while_it_is_looked_at_is_looked_at_again(error):
    work = ScriptedWork({1: error})
    pieces = Pieces(work, [UTTERANCES[:2]], print)
    assert not pieces.advance(CLIENT)
    assert not pieces.advance(CLIENT)
    del work.fate[1]
    assert pieces.advance(CLIENT)
    assert work.settled == [0, 1]
    assert work.calls == [(0, 1)]


def test_a_pending_call_is_waited_for_and_let_go_in_the_end():
    work = ScriptedWork({1: "pending"})
    pieces = Pieces(work, [UTTERANCES[:1], UTTERANCES[1:2]], print)
    assert not pieces.advance(CLIENT)
    assert not pieces.advance(CLIENT)
    assert (work.settled, len(work.pending)) == ([0], 1)
    pieces.release()
    assert work.pending == []


def test_jobs_take_turns_of_a_few_tasks(monkeypatch):
    monkeypatch.setattr(module, "TURN", 2)
    work = ScriptedWork(dict.fromkeys(range(5), "pending"))
    pieces = Pieces(work, [(utterance,) for utterance in UTTERANCES[:5]], print)
    pieces.advance(CLIENT)
    assert [call.priority for call in work.pending] == [0, 0, -1, -1, -2]
