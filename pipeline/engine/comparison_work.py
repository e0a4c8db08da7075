"""A comparison: embed what the store lacks of both models, then compare."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass

from distributed import Client

from cache import Store
from pipeline.comparison import load_result, result_key
from pipeline.corpus.utterance import Utterance
from pipeline.engine import exchange, tasks
from pipeline.engine.calls import Call
from pipeline.engine.chunks import Chunk, chunks
from pipeline.engine.pieces import Pieces
from pipeline.engine.work import Counts
from pipeline.errors import EngineError
from pipeline.planning import Coverage, Plan, Side, bytes_needed, coverage
from pipeline.words.storage import failure_key


@dataclass(frozen=True, eq=False)
class SideWork:
    """One model's embeddings.

    Attributes
    ----------
    plan : Plan
    side : Side
    missing : collection of str
        The utterances that the store lacked when the job started.
    counts : Counts
        Of the whole job.
    store : Store
        The engine's.
    """

    plan: Plan
    side: Side
    missing: Collection[str]
    counts: Counts
    store: Store

    def call(self, chunk: Chunk, trial: int, priority: int) -> Call:
        """Return the call for a chunk; jobs that share a model share its calls."""
        side = self.side
        work = [(utterance, side.keys[utterance.id]) for utterance in chunk]
        labels = self.plan.labels(side)
        name = hashlib.sha256("".join([key.digest for _, key in work]).encode()).hexdigest()
        arguments = (side.spec, work, self.plan.settings, labels)
        return Call(tasks.embed_chunk, *arguments, name=f"{name}-{trial}", priority=priority)

    def settle(self, chunk: Chunk, call: Call) -> None:  # noqa: ARG002 - what a call gives is in the store
        """Count what the store holds now."""
        keys = {utterance.id: self.side.keys[utterance.id] for utterance in chunk}
        absent = exchange.fetch(self.store, keys.values())
        notes = {key.digest: failure_key(key) for key in absent}
        if absent_too := exchange.fetch(self.store, notes.values()):
            raise lost(f"{len(absent_too)} embeddings", self.store)
        settled = [name for name in keys if name in self.missing]
        failed = sum(keys[name].digest in notes for name in settled)
        self.counts.failed += failed
        self.counts.done += len(settled) - failed

    def give_up(self, utterance: Utterance, reason: str) -> None:
        """Note in the store why an utterance has no embedding, and count it."""
        note = failure_key(self.side.keys[utterance.id])
        labels = self.plan.labels(self.side)
        reason = f"{utterance.audio}: {reason}"
        self.store.put(note, {}, {"utterance": utterance.id, "reason": reason}, labels)
        exchange.publish(self.store, [note])
        self.counts.failed += 1


class ComparisonWork:
    """A comparison that is being made."""

    def __init__(
        self, plan: Plan, store: Store, chunk_s: float, note: Callable[[str], None]
    ) -> None:
        self._plan, self._store, self.counts = plan, store, Counts()
        self._comparing: Call | None = None
        found = [coverage(side, store) for side in self._plan.sides]
        if load_result(self._plan, store, coverages=found) is None:
            store.require_room(bytes_needed(self._plan, found))
        self._pieces = [
            self._side(side, each, chunk_s, note)
            for side, each in zip(self._plan.sides, found, strict=True)
        ]
        self.counts.at_start = self.counts.done + self.counts.failed

    def _side(
        self, side: Side, found: Coverage, chunk_s: float, note: Callable[[str], None]
    ) -> Pieces:
        self.counts.total += len(side.keys)
        self.counts.done += len(found.done)
        self.counts.failed += len(found.failed)
        missing = frozenset(found.missing)
        # Chunks of all utterances, so that they are the same for every job and attempt.
        dealt = chunks([u for u in self._plan.corpus.utterances if u.id in side.keys], chunk_s)
        needed = [
            tuple(utterance for utterance in chunk if utterance.id not in found.failed)
            for chunk in dealt
            if not missing.isdisjoint(utterance.id for utterance in chunk)
        ]
        return Pieces(SideWork(self._plan, side, missing, self.counts, self._store), needed, note)

    def advance(self, client: Client) -> bool:
        """Embed; then compare, unless the result is there."""
        embedded = [pieces.advance(client) for pieces in self._pieces]
        if not all(embedded):
            return False
        if self._comparing is None:
            if self._has_result():
                return True
            self._comparing = Call(tasks.compare, self._plan)
        if not self._comparing.is_done(client):
            return False
        if not self._has_result():
            raise lost("the result", self._store)
        return True

    def _has_result(self) -> bool:
        found = [coverage(side, self._store) for side in self._plan.sides]
        failed = {name for each in found for name in each.failed}
        lacking = any(each.missing for each in found)
        return not lacking and not exchange.fetch(self._store, [result_key(self._plan, failed)])

    def release(self) -> None:
        """Let go of what the workers do for it."""
        for pieces in self._pieces:
            pieces.release()
        if self._comparing is not None:
            self._comparing.release()


def lost(what: str, store: Store) -> EngineError:
    """Return what to raise where the workers did something and the store does not hold it."""
    return EngineError(
        f"the workers have computed {what}, and {store.path} does not hold it: where they run on "
        "other machines, set LAYERSCOPE_SHARED; where the store was pruned meanwhile, try again"
    )
