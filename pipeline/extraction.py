"""Use case 1, slow: one model over one corpus, word by word, into the store."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np
from jaxtyping import Float32, Int64

from cache import Key, Store
from pipeline.corpus.utterance import Utterance
from pipeline.errors import AudioError, LayerScopeError
from pipeline.models.extractor import AudioModel, Extraction, Model, TextModel, WordModel
from pipeline.models.waveform import read_waveform
from pipeline.settings import AlignmentSettings, Pooling
from pipeline.time_axis import FrameTimes, stride_in_samples
from pipeline.words.pooling import pool_words
from pipeline.words.spans import overlap_weights, word_spans
from pipeline.words.storage import WordEmbeddings, failure_key, put_embeddings

log = logging.getLogger(__name__)


def embed(model: Model, utterance: Utterance, settings: AlignmentSettings) -> WordEmbeddings:
    """Run a model over one utterance and pool its words, or look them up.

    Raises
    ------
    AudioError, ModelError
        If the recording cannot be read or the model refuses it.
    """
    if isinstance(model, TextModel):
        extraction = model.extract_text(utterance.words)
        return _pooled(extraction.layers, extraction.spans, None, extraction.pooling)
    if isinstance(model, WordModel):
        found = model.vectors_of(utterance.id, len(utterance.words))
        rows = np.arange(len(found.word_ids) + 1, dtype=np.int32)
        return WordEmbeddings(found.vectors, found.word_ids, np.stack([rows[:-1], rows[1:]], 1))
    heard = listen(model, utterance, settings)
    _, intervals = utterance.units(settings.unit)
    spans = word_spans(intervals, heard.frames, settings.frame_rule)
    weights = None
    if settings.frame_rule == "overlap":
        weights = overlap_weights(intervals, heard.frames, spans)
    return _pooled(heard.layers, spans, heard.frames, settings.pooling, weights)


def listen(model: AudioModel, utterance: Utterance, settings: AlignmentSettings) -> Extraction:
    """Run a model over one recording, at the sample rate and stride that the settings ask for.

    Rows that share their time are one frame, so that a word has all of them or none.
    """
    trained_hz = model.spec.sample_rate_hz or settings.sample_rate_hz or 16_000
    given_hz = settings.sample_rate_hz or trained_hz
    # Given at another rate, the model takes the samples for its own: only their times change.
    waveform = read_waveform(utterance.audio, given_hz, utterance.segment)
    extraction = model.extract(waveform, trained_hz).by_frame()
    counted_hz = extraction.frames.sample_rate_hz * given_hz // trained_hz
    frames = replace(extraction.frames, sample_rate_hz=counted_hz)
    if settings.stride_ms is not None:
        stride_samples = stride_in_samples(settings.stride_ms, given_hz)
        frames = FrameTimes.regular(
            len(frames), sample_rate_hz=given_hz, stride_samples=stride_samples
        )
    return Extraction(extraction.layers, frames)


def _pooled(
    layers: list[Float32[np.ndarray, "rows dim"]],
    spans: Int64[np.ndarray, "words 2"],
    frames: FrameTimes | None,
    pooling: Pooling,
    weights: list[Int64[np.ndarray, " _"]] | None = None,
) -> WordEmbeddings:
    """Pool the words that have a row; the others are missing, never zero."""
    token_ids = np.flatnonzero(spans[:, 0] < spans[:, 1])
    kept = spans[token_ids]
    of_kept = None if weights is None else [weights[word] for word in token_ids]
    vectors = pool_words(layers, kept, pooling, of_kept)
    return WordEmbeddings(vectors, token_ids.astype(np.int32), kept.astype(np.int32), frames)


def embed_into(
    store: Store,
    model: Model,
    work: Iterable[tuple[Utterance, Key]],
    settings: AlignmentSettings,
    labels: Mapping[str, str],
) -> Iterator[str | None]:
    """Embed utterances one by one, yielding after each why it failed, or None.

    What is stored already is not computed again. A failing utterance is noted with its reason
    and does not stop the others.
    """
    for utterance, key in work:
        if not store.missing([key]):
            yield None
            continue
        try:
            embeddings = embed(model, utterance, settings)
            put_embeddings(store, key, embeddings, labels)
            _warn_of_missing(utterance, embeddings, model.spec.name, settings)
        except (LayerScopeError, ValueError, RuntimeError) as error:
            # An AudioError names the file itself.
            reason = str(error) if isinstance(error, AudioError) else f"{utterance.audio}: {error}"
            log.warning("utterance %s left out: %s", utterance.id, reason)
            store.put(failure_key(key), {}, {"utterance": utterance.id, "reason": reason}, labels)
            yield reason
        else:
            yield None


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
