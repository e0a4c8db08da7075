"""A recording as drawn: its sound, words and phones, and the frames a model pools."""

from collections.abc import Callable
from urllib.parse import quote

import numpy as np
from jaxtyping import Int64

from dashboard import loading
from dashboard.components.address import address
from dashboard.components.alignment_data import AlignmentViewData, FrameTrack, Spectrogram
from dashboard.components.alignment_view import alignment_view
from dashboard.parts import bundled
from pipeline.recording_view import HOP_SAMPLES, SAMPLE_RATE_HZ
from pipeline.request import ComparisonRequest
from pipeline.words.storage import WordEmbeddings

KEY = "recording"


def show(
    request: ComparisonRequest,
    found: loading.Recording,
    word: int | None,
    on_word: Callable[[], None],
) -> None:
    """Draw a recording with `word` selected."""
    alignment_view(view_data(request, found), selected_word=word, key=KEY, on_word=on_word)
    if not loading.has_sound(request.corpus, found.utterance.id):
        bundled.show_without_sound()


def view_data(request: ComparisonRequest, found: loading.Recording) -> AlignmentViewData:
    """Return what the component draws; what is not computed yet is None."""
    utterance, view = found.utterance, found.view
    place = f"{quote(request.corpus, safe='')}/{quote(utterance.id, safe='')}"
    return AlignmentViewData(
        utterance_id=utterance.id,
        duration_s=utterance.duration_s,
        words=utterance.word_intervals,
        phones=utterance.phone_intervals,
        audio_url=address(f"api/audio/{place}.wav"),
        peaks=None if view is None else np.asarray(view.peaks).reshape(-1),
        spectrogram=None
        if view is None
        else Spectrogram(
            np.asarray(view.spectrogram), view.frequencies_hz, HOP_SAMPLES / SAMPLE_RATE_HZ
        ),
        tracks=tuple(
            frame_track(request, each, len(utterance.words))
            for each in found.heard
            if each.failure is None
        ),
        picture_url=None
        if view is None
        else address(f"api/picture/{place}.bin?version={found.view_version}"),
    )


def frame_track(request: ComparisonRequest, heard: loading.Heard, words: int) -> FrameTrack:
    """Return a model's frames, none while they are computed, and which of them each word pools."""
    embeddings = heard.embeddings
    if embeddings is None or embeddings.frames is None:
        return FrameTrack(heard.model, (), ())
    spans = spans_of_words(embeddings, words) if request.settings.unit == "word" else None
    frames = embeddings.frames
    return FrameTrack(heard.model, frames.start_s, frames.end_s, spans)


def spans_of_words(embeddings: WordEmbeddings, words: int) -> Int64[np.ndarray, "words 2"]:
    """Return the row range of every word of the transcript, empty where it has none."""
    spans = np.zeros((words, 2), dtype=np.int64)
    spans[embeddings.token_ids] = embeddings.spans
    return spans
