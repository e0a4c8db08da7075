"""What a model gives of utterances becomes one vector a word."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32, Int64

from pipeline.corpus.utterance import Utterance
from pipeline.errors import ModelError
from pipeline.extraction.hearing import listen_together, waveform_for
from pipeline.models.batching import DeviceLayers, Waveform, read
from pipeline.models.device import inference
from pipeline.models.extractor import AudioModel, Model, TextModel, WordModel
from pipeline.settings import AlignmentSettings, Pooling
from pipeline.time_axis import FrameTimes
from pipeline.words.pooling import pool, taken_rows
from pipeline.words.spans import overlap_weights, word_spans
from pipeline.words.storage import WordEmbeddings

Spans = Int64[np.ndarray, "_ 2"]
Weights = list[Int64[np.ndarray, " _"]]


def embed(model: Model, utterance: Utterance, settings: AlignmentSettings) -> WordEmbeddings:
    """Run a model over one utterance and pool its words, or look them up.

    Raises
    ------
    AudioError, ModelError
        If the recording cannot be read or the model refuses it.
    """
    return embed_together(model, [utterance], [sound_for(model, utterance, settings)], settings)[0]


def sound_for(model: Model, utterance: Utterance, settings: AlignmentSettings) -> Waveform | None:
    """Read what the model will hear of an utterance: None where it hears nothing.

    Raises
    ------
    AudioError
        If the recording cannot be read.
    """
    return waveform_for(model.spec, utterance, settings) if isinstance(model, AudioModel) else None


def embed_together(
    model: Model,
    utterances: Sequence[Utterance],
    sounds: Sequence[Waveform | None],
    settings: AlignmentSettings,
) -> list[WordEmbeddings]:
    """Embed utterances in one batch, given what `sound_for` read of each.

    Raises
    ------
    ModelError
        If the model refuses one of them.
    DeviceMemoryError
        If they are too much at once.
    """
    if isinstance(model, WordModel):
        return [_looked_up(model, utterance) for utterance in utterances]
    with inference():
        if isinstance(model, TextModel):
            found = read(model, [utterance.words for utterance in utterances])
            return _pooled(found.layers, found.spans, found.pooling)
        heard = listen_together(model, [each for each in sounds if each is not None], settings)
        intervals = [utterance.units(settings.unit)[1] for utterance in utterances]
        spans, weights = [], []
        for words, frames in zip(intervals, heard.frames, strict=True):
            spans.append(word_spans(words, frames, settings.frame_rule))
            if settings.frame_rule == "overlap":
                weights.append(overlap_weights(words, frames, spans[-1]))
        return _pooled(heard.layers, spans, settings.pooling, weights, heard.frames)


def _looked_up(model: WordModel, utterance: Utterance) -> WordEmbeddings:
    found = model.vectors_of(utterance.id, len(utterance.words))
    rows = np.arange(len(found.word_ids) + 1, dtype=np.int32)
    return WordEmbeddings(found.vectors, found.word_ids, np.stack([rows[:-1], rows[1:]], axis=1))


def _pooled(
    layers: DeviceLayers,
    spans: Sequence[Spans],
    pooling: Pooling,
    weights: Sequence[Weights] = (),
    frames: Sequence[FrameTimes | None] = (),
) -> list[WordEmbeddings]:
    """Pool the words that have a row; the others are missing, never zero."""
    token_ids = [np.flatnonzero(each[:, 0] < each[:, 1]) for each in spans]
    kept = [each[ids] for each, ids in zip(spans, token_ids, strict=True)]
    shifted = [each + start for each, start in zip(kept, layers.starts, strict=True)]
    of_kept = [
        each[word] for each, ids in zip(weights, token_ids, strict=False) for word in ids.tolist()
    ]
    taken = taken_rows(np.concatenate(shifted), pooling, of_kept if weights else None)
    # Only these leave the device.
    vectors = pool(layers.layers, taken).cpu().numpy()
    ends = np.cumsum([len(ids) for ids in token_ids])
    parts = np.split(vectors, ends[:-1], axis=1)
    return [
        WordEmbeddings(_finite(part), ids.astype(np.int32), own.astype(np.int32), times)
        for part, ids, own, times in zip(
            parts, token_ids, kept, frames or [None] * len(kept), strict=True
        )
    ]


def _finite(
    vectors: Float32[np.ndarray, "layers words dim"],
) -> Float32[np.ndarray, "layers words dim"]:
    if not np.isfinite(vectors).all():
        raise ModelError("the model gave vectors that are not finite")
    return np.ascontiguousarray(vectors)
