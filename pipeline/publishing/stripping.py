"""Records as a bundle holds them: the values as they are, the words about them redacted."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cache import Entry, NewRecord, Record, Store
from pipeline.analyses.running import ASKED
from pipeline.errors import BundleError
from pipeline.publishing.redacting import Redaction
from pipeline.request import ComparisonRequest


def whole(store: Store, entry: Entry) -> Record:
    """Return a record of the store, compared with its checksum.

    Raises
    ------
    BundleError
        If it is damaged, or gone.
    """
    record = store.read(entry.digest, verify=True)
    if record is None:
        raise BundleError(
            f"the record {entry.digest[:12]} ({entry.kind}) is damaged or gone; compute it again"
        )
    return record


def comparison(
    store: Store, entry: Entry, request: ComparisonRequest, redaction: Redaction
) -> NewRecord:
    """Return a result under the request that the bundle's view makes."""
    record = whole(store, entry)
    asked = renamed(request, redaction).as_dict()
    del asked["alignments"]
    return _new(entry, record.arrays, {**record.metadata, "request": asked}, redaction)


def analysis(store: Store, entry: Entry, redaction: Redaction) -> NewRecord:
    """Return an analysis, without what was asked: its key says it."""
    record = whole(store, entry)
    metadata = {name: value for name, value in record.metadata.items() if name != ASKED}
    return _new(entry, record.arrays, metadata, redaction)


def frames(store: Store, entry: Entry, redaction: Redaction) -> NewRecord:
    """Return an utterance's embeddings without the vectors: which words have one, of which frames.

    With them, the bundle knows that nothing is missing; nothing can be computed from it.
    """
    record = whole(store, entry)
    vectors = record.arrays["vectors"]
    empty = np.zeros((0, *vectors.shape[1:2], 0), dtype=vectors.dtype)
    return _new(entry, {**record.arrays, "vectors": empty}, record.metadata, redaction)


def failure(store: Store, entry: Entry, redaction: Redaction) -> NewRecord:
    """Return why an utterance has no embedding."""
    record = whole(store, entry)
    reason = redaction.prose(str(record.metadata["reason"]))
    return _new(entry, record.arrays, {**record.metadata, "reason": reason}, redaction)


def picture(store: Store, entry: Entry, redaction: Redaction) -> NewRecord:
    """Return what is drawn of a recording."""
    record = whole(store, entry)
    return _new(entry, record.arrays, record.metadata, redaction)


def renamed(request: ComparisonRequest, redaction: Redaction) -> ComparisonRequest:
    """Return a request by the bundle's names."""
    return ComparisonRequest(
        redaction.corpora[request.corpus],
        redaction.models[request.model_a],
        redaction.models[request.model_b],
        settings=request.settings,
        rows=request.rows,
        measure=request.measure,
    )


def _new(
    entry: Entry,
    arrays: Mapping[str, np.ndarray],
    metadata: Mapping[str, Any],
    redaction: Redaction,
) -> NewRecord:
    labels, told = redaction.values(entry.labels), redaction.values(metadata)
    return NewRecord(entry.digest, entry.kind, labels, entry.stored_at_s, arrays, told)
