"""Recordings inside a model, one row a frame, at the rate and stride that the settings ask for."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Int64

from pipeline.corpus.utterance import Utterance
from pipeline.models.batching import DeviceLayers, Heard, Waveform, hear
from pipeline.models.extractor import AudioModel, Extraction
from pipeline.models.spec import ModelSpec
from pipeline.models.waveform import read_waveform
from pipeline.settings import AlignmentSettings
from pipeline.time_axis import FrameTimes, stride_in_samples
from pipeline.words.pooling import pool, taken_rows


def listen(model: AudioModel, utterance: Utterance, settings: AlignmentSettings) -> Extraction:
    """Run a model over one recording, at the sample rate and stride that the settings ask for.

    Rows that share their time are one frame, so that a word has all of them or none.

    Raises
    ------
    AudioError, ModelError
        If the recording cannot be read or the model refuses it.
    """
    waveform = waveform_for(model.spec, utterance, settings)
    return listen_together(model, [waveform], settings).extraction(0)


def waveform_for(spec: ModelSpec, utterance: Utterance, settings: AlignmentSettings) -> Waveform:
    """Read a recording at the sample rate at which the model is given it.

    Raises
    ------
    AudioError
        If it cannot be read.
    """
    return read_waveform(utterance.audio, _rates_hz(spec, settings)[1], utterance.segment)


def listen_together(
    model: AudioModel, waveforms: Sequence[Waveform], settings: AlignmentSettings
) -> Heard:
    """Run a model over recordings that `waveform_for` read; the layers stay on its device."""
    trained_hz, given_hz = _rates_hz(model.spec, settings)
    # Given at another rate, the model takes the samples for its own: only their times change.
    heard = by_frame(hear(model, waveforms, trained_hz))
    frames = [
        replace(each, sample_rate_hz=each.sample_rate_hz * given_hz // trained_hz)
        for each in heard.frames
    ]
    if settings.stride_ms is not None:
        stride_samples = stride_in_samples(settings.stride_ms, given_hz)
        frames = [
            FrameTimes.regular(len(each), sample_rate_hz=given_hz, stride_samples=stride_samples)
            for each in frames
        ]
    return replace(heard, frames=tuple(frames))


def _rates_hz(spec: ModelSpec, settings: AlignmentSettings) -> tuple[int, int]:
    """Return the rate that the model was trained on, and that at which it is given recordings."""
    trained_hz = spec.sample_rate_hz or settings.sample_rate_hz or 16_000
    return trained_hz, settings.sample_rate_hz or trained_hz


def by_frame(heard: Heard) -> Heard:
    """Return one row a frame: the mean of the rows that share their time."""
    firsts = [_first_rows(frames) for frames in heard.frames]
    frames = [
        replace(each, start_samples=each.start_samples[first], end_samples=each.end_samples[first])
        for each, first in zip(heard.frames, firsts, strict=True)
    ]
    counts = tuple(map(len, firsts))
    if counts == heard.layers.counts:
        return heard
    spans = np.concatenate(
        [
            start + np.stack([first, np.append(first[1:], rows)], axis=1)
            for start, first, rows in zip(
                heard.layers.starts, firsts, heard.layers.counts, strict=True
            )
        ]
    )
    means = pool(heard.layers.layers, taken_rows(spans, "mean"))
    starts = (np.cumsum(counts) - counts).tolist()
    return Heard(DeviceLayers(list(means), tuple(starts), counts), tuple(frames))


def _first_rows(frames: FrameTimes) -> Int64[np.ndarray, " frames"]:
    starts = frames.start_samples
    return np.flatnonzero(np.diff(starts, prepend=starts[:1] - 1))
