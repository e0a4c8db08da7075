import base64
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.components.alignment_data import (
    AlignmentViewData,
    FrameTrack,
    Spectrogram,
    picture_bytes,
)
from pipeline.time_axis import FrameTimes, Interval
from pipeline.words.spans import word_spans

WORDS = (Interval("so", 0.1, 0.3), None, Interval("<b>often</b>", 0.3, 0.6))


def view_data(**changes: Any) -> AlignmentViewData:
    return AlignmentViewData(
        **{
            "utterance_id": "84-1",
            "duration_s": 1.0,
            "words": WORDS,
            "audio_url": "/api/audio/84-1",
            **changes,
        }
    )


def spectrogram(levels: np.ndarray, hop_s: float = 0.01, **changes: Any) -> Spectrogram:
    frequencies_hz = changes.get("frequencies_hz", 100.0 * (1 + np.arange(len(levels))))
    return Spectrogram(levels, frequencies_hz, hop_s)


def test_words_keep_their_index_in_the_transcript() -> None:
    assert view_data().as_json()["words"] == [[0, "so", 0.1, 0.3], [2, "<b>often</b>", 0.3, 0.6]]


def test_what_is_being_computed_differs_from_what_is_not_there() -> None:
    pending = view_data(phones=None).as_json()
    assert (pending["phones"], pending["peaks"], pending["spectrogram"]) == (None, None, None)
    assert view_data(phones=()).as_json()["phones"] == []
    phones = view_data(phones=[Interval("S", 0.1, 0.2)]).as_json()["phones"]
    assert phones == [["S", 0.1, 0.2]]


def test_spectrogram_arrives_row_by_row_from_the_lowest_frequency() -> None:
    levels = np.arange(6, dtype=np.uint8).reshape(2, 3)
    transposed = np.asfortranarray(levels)
    sent = view_data(spectrogram=spectrogram(transposed)).as_json()["spectrogram"]
    assert list(base64.b64decode(sent["levels"])) == [0, 1, 2, 3, 4, 5]
    assert (sent["mels"], sent["frames"], sent["hop_s"]) == (2, 3, 0.01)
    assert sent["frequencies_hz"] == [100.0, 200.0]


def test_a_picture_that_the_browser_fetches_is_not_sent_along() -> None:
    levels = np.arange(6, dtype=np.uint8).reshape(2, 3)
    peaks = np.array([-0.5, 0.5], dtype=np.float32)
    data = view_data(peaks=peaks, spectrogram=spectrogram(levels), picture_url="/api/p?version=1")
    sent = data.as_json()
    assert (sent["picture_url"], sent["peaks"]) == ("/api/p?version=1", None)
    assert sent["spectrogram"]["levels"] is None
    assert (sent["spectrogram"]["mels"], sent["spectrogram"]["frames"]) == (2, 3)
    fetched = picture_bytes(np.asfortranarray(levels), peaks)
    assert list(fetched[:6]) == [0, 1, 2, 3, 4, 5]
    assert np.frombuffer(fetched[6:], dtype="<f4").tolist() == [-0.5, 0.5]


def as_drawn(sent: list[float] | dict[str, Any]) -> np.ndarray:
    if isinstance(sent, list):
        return np.array(sent)
    step = (sent["last"] - sent["first"]) / (sent["count"] - 1)
    return np.array([sent["first"] + step * at for at in range(sent["count"])])


@given(
    stride_samples=st.sampled_from([160, 320, 7998 / 25, 213.28]),
    count=st.integers(0, 3000),
    moved_s=st.sampled_from([0.0, 1e-7, 1e-5, 0.004]),
)
def test_frames_are_drawn_where_they_are_told_by_their_rule_or_not(
    stride_samples: float, count: int, moved_s: float
) -> None:
    starts = np.arange(count) * stride_samples / 16_000
    starts[-1:] += moved_s
    sent = FrameTrack("hubert", starts, starts + 0.025).as_json()
    np.testing.assert_allclose(as_drawn(sent["start_s"]), starts, atol=1e-6)
    np.testing.assert_allclose(as_drawn(sent["end_s"]), starts + 0.025, atol=1e-6)
    if count > 3 and not moved_s:
        assert isinstance(sent["start_s"], dict)


def test_frames_keep_their_times_and_a_word_without_frames_has_no_span() -> None:
    frames = FrameTimes.regular(40, sample_rate_hz=16000, stride_samples=320, window_samples=400)
    spans = word_spans(WORDS, frames, "centre")
    sent = FrameTrack("wav2vec2", frames.start_s, frames.end_s, spans).as_json()
    starts, ends = as_drawn(sent["start_s"]), as_drawn(sent["end_s"])
    np.testing.assert_allclose(starts[:3], [0.0, 0.02, 0.04], atol=1e-6)
    np.testing.assert_allclose(ends[:3], [0.025, 0.045, 0.065], atol=1e-6)
    centres = (starts + ends) / 2
    inside = [
        np.flatnonzero((centres >= word.start) & (centres < word.end)) for word in WORDS if word
    ]
    expected = [[int(rows[0]), int(rows[-1]) + 1] for rows in inside]
    assert sent["spans"] == [expected[0], None, expected[1]]
    assert FrameTrack("wav2vec2", frames.start_s, frames.end_s).as_json()["spans"] == []


def test_everything_is_plain_json_without_nan() -> None:
    track = FrameTrack("m", np.array([0.0, 0.5]), np.array([0.5, 1.0]), np.array([[0, 1]] * 3))
    data = view_data(
        peaks=np.array([-0.5, 0.5, -1.0, 1.0], dtype=np.float32),
        spectrogram=spectrogram(np.zeros((4, 7), dtype=np.uint8)),
        tracks=(track,),
    )
    sent = json.loads(json.dumps(data.as_json(), allow_nan=False))
    assert sent["peaks"] == [-0.5, 0.5, -1.0, 1.0]
    assert sent["tracks"][0]["spans"] == [[0, 1], [0, 1], [0, 1]]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"duration_s": 0.0}, "84-1 lasts 0.0 s"),
        ({"duration_s": float("nan")}, "lasts nan s"),
        ({"peaks": [0.1, 0.2, 0.3]}, r"shape \(3,\)"),
        ({"peaks": [[0.1, 0.2]]}, r"shape \(1, 2\)"),
        ({"peaks": [-1.5, 1.5]}, "divide integer samples"),
        ({"peaks": [0.0, float("nan")]}, r"leave \[-1, 1\]"),
        ({"tracks": [FrameTrack("hubert", [0], [1], [[0, 1]])]}, "hubert has 1 spans.* 3 words"),
    ],
)
def test_data_that_cannot_be_drawn_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        view_data(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"levels": np.zeros((2, 3))}, "float64 of shape"),
        ({"levels": np.zeros(3, dtype=np.uint8)}, r"uint8 of shape \(3,\)"),
        ({"frequencies_hz": [1, 2, 3]}, "each of 2 spectrogram rows"),
        ({"frequencies_hz": [200, 100]}, "from low to high"),
        ({"hop_s": 0.0}, "hop_s is 0.0"),
    ],
)
def test_a_picture_without_a_scale_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spectrogram(**{"levels": np.zeros((2, 3), dtype=np.uint8), **changes})


@pytest.mark.parametrize(
    ("start_s", "end_s", "spans", "message"),
    [
        ([0.0, 0.1], [0.1], None, r"starts have shape \(2,\), frame ends \(1,\)"),
        ([0.1, 0.0], [0.2, 0.1], None, "in the order of time"),
        ([0.0], [0.1], [[0, 2]], "rows 0 to 2, but there are 1 frames"),
        ([0.0], [0.1], [[-1, 1]], "rows -1 to 1"),
    ],
)
def test_frames_that_contradict_each_other_are_refused(
    start_s: list[float], end_s: list[float], spans: list[list[int]] | None, message: str
) -> None:
    with pytest.raises(ValueError, match=f"hubert: .*{message}"):
        FrameTrack("hubert", start_s, end_s, spans)
