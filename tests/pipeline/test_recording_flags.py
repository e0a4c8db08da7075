from pathlib import Path

import numpy as np

from pipeline.corpus.utterance import Utterance
from pipeline.recording_flags import frame_flags, sound_flags
from pipeline.recording_view import PEAKS_PER_S, RecordingView
from pipeline.time_axis import FrameTimes, Interval
from pipeline.words.storage import WordEmbeddings

WORDS = (Interval("so", 0.0, 0.5), None, Interval("quiet", 0.5, 1.0), Interval("end", 1.0, 1.5))
UTTERANCE = Utterance("a", "ada", Path("a.wav"), 1.5, ("so", "it", "quiet", "end"), WORDS)


def view(loudness=(1.0, 1.0, 1.0), clipped=()):
    loud = np.repeat(np.float32(loudness), PEAKS_PER_S // 2)
    return RecordingView(
        np.stack([-loud, loud / 2], axis=1),
        np.zeros((2, 3), dtype=np.uint8),
        np.array([100, 200], dtype=np.float32),
        np.array(clipped, dtype=np.float32).reshape(-1, 2),
    )


def test_a_loud_recording_has_no_flag():
    assert sound_flags(UTTERANCE, view()) == ()


def test_silence_is_said_once():
    (flag,) = sound_flags(UTTERANCE, view((0.0, 0.0, 0.0)))
    assert (flag.text, flag.word) == ("every sample is zero", None)


def test_a_word_during_which_nothing_is_heard_is_flagged():
    assert [flag.word for flag in sound_flags(UTTERANCE, view((1.0, 0.009, 0.011)))] == [2]


def test_words_that_were_cut_off_are_flagged_and_the_recording_says_how_often():
    flags = sound_flags(UTTERANCE, view(clipped=[(0.1, 0.11), (0.9, 1.0)]))
    assert [(flag.word, flag.text) for flag in flags] == [
        (None, "cut off at full scale 2 times"),
        (0, "cut off at full scale"),
        (2, "cut off at full scale"),
    ]


def test_a_word_with_a_time_but_no_frame_is_flagged_for_its_model():
    frames = FrameTimes.regular(1, sample_rate_hz=16_000, stride_samples=160)
    pooled = WordEmbeddings(
        np.zeros((1, 2, 2), dtype=np.float32),
        np.array([0, 3], dtype=np.int32),
        np.array([[0, 1], [0, 1]], dtype=np.int32),
        frames,
    )
    (flag,) = frame_flags(UTTERANCE, pooled, "hubert")
    assert (flag.word, flag.text) == (2, "no frame of hubert")
