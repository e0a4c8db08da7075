"""Many utterances through one model into the store, each of which may fail by itself."""

import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from operator import attrgetter

from cache import Key, SharedTier, Store
from pipeline.corpus.utterance import Utterance
from pipeline.errors import AudioError, DeviceMemoryError, LayerScopeError
from pipeline.extraction.batch_budget import BatchBudget, batches, budget_for
from pipeline.extraction.embedding import embed_together, sound_for
from pipeline.extraction.overlap import ahead, behind
from pipeline.models.batching import Waveform
from pipeline.models.device import release_memory
from pipeline.models.extractor import Model
from pipeline.settings import AlignmentSettings
from pipeline.words.storage import WordEmbeddings, failure_key, put_embeddings

log = logging.getLogger(__name__)

# At 16 kHz, 10 minutes are 38 MB.
_READ_AHEAD_S = 600.0
_READERS = min(8, os.cpu_count() or 1)
_WAITING_RECORDS = 32
# What reading and models raise for one utterance; what the store raises is none of these.
_FAILURES = (LayerScopeError, ValueError, RuntimeError)


@dataclass(frozen=True, eq=False)
class Item:
    """One utterance on its way into the store.

    Attributes
    ----------
    waveform : float32 array [shape=(samples,)] or None
        What the model will hear.
    embeddings : WordEmbeddings or None
        What is to be stored.
    failure : str or None
        Why there are none.
    stored : bool
        Whether the store had them before.
    claim : ExitStack
        Closed when it has been settled, so that another process may look at it.
    """

    utterance: Utterance
    key: Key
    waveform: Waveform | None = None
    embeddings: WordEmbeddings | None = None
    failure: str | None = None
    stored: bool = False
    claim: ExitStack = field(default_factory=ExitStack)

    @property
    def duration_s(self) -> float:
        """How long the utterance is, in seconds."""
        return self.utterance.duration_s

    def failed(self, error: Exception) -> "Item":
        """Return the item with the reason; an AudioError names the file itself."""
        named = isinstance(error, AudioError)
        reason = str(error) if named else f"{self.utterance.audio}: {error}"
        return replace(self, waveform=None, failure=reason)


def embed_into(  # noqa: PLR0913 - of what, by what, how, and where to
    store: Store,
    model: Model,
    work: Iterable[tuple[Utterance, Key]],
    settings: AlignmentSettings,
    labels: Mapping[str, str],
    *,
    tier: SharedTier | None = None,
    batch_s: float | None = None,
) -> Iterator[str | None]:
    """Embed utterances, yielding for each why it failed, or None once it is stored.

    What is stored already is not computed again, nor what another process is computing: that comes
    last. A failing utterance is noted with its reason and does not stop the others. Recordings are
    read before their turn, and records written while the model goes on; in batches, the longest
    come first.

    Parameters
    ----------
    tier : SharedTier, optional
        Where records of other hosts are looked for, and those made here are published.
    batch_s : float, optional
        Seconds of audio given to the model at once, padding included; 0: one recording. By default
        what fits into the memory of its GPU, and one recording on a CPU.
    """
    budget = budget_for(model) if batch_s is None else BatchBudget(batch_s)
    items: Iterable[Item] = (Item(utterance, key) for utterance, key in work)
    if budget.seconds:
        items = sorted(items, key=attrgetter("duration_s"), reverse=True)

    def settled(claimed: Iterable[Item]) -> Iterator[str | None]:
        prepared = ahead(
            claimed,
            partial(_prepared, store, tier, model, settings),
            size=attrgetter("duration_s"),
            room=_READ_AHEAD_S,
            threads=_READERS,
        )
        embedded = _embedded(model, prepared, settings, budget)
        record = partial(_record, store, tier, model.spec.name, settings, labels)
        yield from behind(embedded, record, room=_WAITING_RECORDS)

    others: list[Item] = []
    with ExitStack() as claims:
        yield from settled(_claimed(store, items, claims, others))
    for item in others:
        # Nothing else is held meanwhile, so that no two processes wait for each other.
        with store.claim(item.key, wait=True):
            yield from settled([item])


def _claimed(
    store: Store, items: Iterable[Item], claims: ExitStack, others: list[Item]
) -> Iterator[Item]:
    """Yield the items that no other process has claimed; add the rest to `others`."""
    for item in items:
        if item.claim.enter_context(store.claim(item.key)):
            claims.enter_context(item.claim)
            yield item
        else:
            others.append(Item(item.utterance, item.key))


def _prepared(
    store: Store, tier: SharedTier | None, model: Model, settings: AlignmentSettings, item: Item
) -> Item:
    if not store.missing([item.key]) or (tier is not None and tier.fetch(store, item.key)):
        return replace(item, stored=True)
    try:
        return replace(item, waveform=sound_for(model, item.utterance, settings))
    except _FAILURES as error:
        return item.failed(error)


def _embedded(
    model: Model, items: Iterable[Item], settings: AlignmentSettings, budget: BatchBudget
) -> Iterator[Item]:
    for batch in batches(items, attrgetter("duration_s"), budget):
        yield from (item for item in batch if _is_settled(item))
        yield from _in_halves(
            model, [item for item in batch if not _is_settled(item)], settings, budget
        )


def _is_settled(item: Item) -> bool:
    return item.stored or item.failure is not None


def _in_halves(
    model: Model, items: Sequence[Item], settings: AlignmentSettings, budget: BatchBudget
) -> list[Item]:
    """Embed a batch; where it fails, its halves, down to the utterance that is the reason."""
    if not items:
        return []
    try:
        found = embed_together(
            model, [item.utterance for item in items], [item.waveform for item in items], settings
        )
    except _FAILURES as error:
        too_much = isinstance(error, DeviceMemoryError)
        failed = [item.failed(error) for item in items]
    else:
        return [
            replace(item, waveform=None, embeddings=each)
            for item, each in zip(items, found, strict=True)
        ]
    # Only now is the error gone, and with it the tensors that its traceback held.
    if too_much:
        release_memory()
        budget.lower([item.duration_s for item in items])
    if len(items) == 1:
        return failed
    middle = len(items) // 2
    halves = items[:middle], items[middle:]
    return [item for half in halves for item in _in_halves(model, half, settings, budget)]


def _record(
    store: Store,
    tier: SharedTier | None,
    model: str,
    settings: AlignmentSettings,
    labels: Mapping[str, str],
    item: Item,
) -> str | None:
    """Store what became of an item; return why it failed, or None."""
    utterance, reason = item.utterance, item.failure
    if item.embeddings is not None:
        try:
            put_embeddings(store, item.key, item.embeddings, labels, settings.storage)
        except ValueError as error:
            reason = item.failed(error).failure
        else:
            _warn_of_missing(utterance, item.embeddings, model, settings)
            if tier is not None:
                tier.publish(store, item.key)
    if reason is not None:
        log.warning("utterance %s left out: %s", utterance.id, reason)
        failure = {"utterance": utterance.id, "reason": reason}
        store.put(failure_key(item.key), {}, failure, labels)
    item.claim.close()
    return reason


def _warn_of_missing(
    utterance: Utterance, embeddings: WordEmbeddings, model: str, settings: AlignmentSettings
) -> None:
    """Name the words that have a time, but no frame or token of the model."""
    labels, intervals = utterance.units(settings.unit)
    pooled = frozenset(embeddings.token_ids.tolist())
    missing = [
        f"{labels[index]!r} at {interval.start:.2f} s"
        for index, interval in enumerate(intervals)
        if interval is not None and index not in pooled
    ]
    if missing:
        log.warning(
            "%s: %s has no frame or token for %s; left out (does the alignment fit the audio?)",
            utterance.audio,
            model,
            ", ".join(missing),
        )
