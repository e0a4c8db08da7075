from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pipeline.corpus import Corpus, open_corpus
from pipeline.corpus.digests import audio_digests
from pipeline.errors import ModelError
from pipeline.extraction import embed, embed_into, listen
from pipeline.models import find_model
from pipeline.models.extractor import Extraction, TextExtraction
from pipeline.planning import make_side
from pipeline.settings import AlignmentSettings
from pipeline.time_axis import FrameTimes, Interval
from pipeline.words.storage import failure_key, get_embeddings

WORDS = AlignmentSettings()


class Clock:
    """A model whose only dimension is the centre of each frame, in samples as it counts them."""

    spec = replace(find_model("s3prl:fbank"), name="clock", dims=1)

    def __init__(self):
        self.heard = []

    def extract(self, waveform, sample_rate):
        self.heard.append((len(waveform), sample_rate))
        count = (len(waveform) - 400) // 160 + 1
        frames = FrameTimes.regular(
            count, sample_rate_hz=sample_rate, stride_samples=160, window_samples=400
        )
        return Extraction([(frames.doubled_centres[:, None] / 2).astype(np.float32)], frames)


class Reader:
    """A text model that has no token for the word "the"."""

    spec = replace(find_model("minilm"), name="reader", dims=1)

    def extract_text(self, words):
        counts = [0 if word == "the" else 1 for word in words]
        ends = np.cumsum(counts)
        spans = np.stack([ends - counts, ends], axis=1).astype(np.int64)
        return TextExtraction([np.arange(ends[-1], dtype=np.float32)[:, None]], spans, ())


@pytest.fixture(scope="module")
def utterance():
    return open_corpus("demo").utterances[0]


def test_a_word_is_the_mean_of_the_frames_centred_in_it(utterance):
    embeddings = embed(Clock(), utterance, WORDS)
    assert embeddings.token_ids.tolist() == list(range(len(utterance.words)))
    for interval, vector in zip(utterance.word_intervals, embeddings.vectors[0], strict=True):
        start, end = 16_000 * interval.start, 16_000 * interval.end
        centres = np.arange(200, 16_000 * utterance.duration_s, 160)
        inside = centres[(centres >= round(start)) & (centres < round(end))]
        inside = inside[inside <= embeddings.frames.doubled_centres[-1] / 2]
        assert vector[0] == pytest.approx(inside.mean(), rel=1e-6)


def test_by_the_overlap_rule_a_word_is_the_mean_of_the_cells_it_touches(utterance):
    late = replace(utterance, word_intervals=(None, *utterance.word_intervals[1:]))
    embeddings = embed(Clock(), late, AlignmentSettings(frame_rule="overlap"))
    assert embeddings.token_ids.tolist() == list(range(1, len(utterance.words)))
    centres = np.arange(len(embeddings.frames)) * 160 + 200
    for word, vector in zip(embeddings.token_ids, embeddings.vectors[0], strict=True):
        interval = utterance.word_intervals[word]
        start, end = round(16_000 * interval.start), round(16_000 * interval.end)
        lengths = np.minimum(centres + 80, end) - np.maximum(centres - 80, start)
        weights = lengths.clip(min=0)
        assert vector[0] == pytest.approx((weights * centres).sum() / weights.sum(), rel=1e-6)


def test_by_the_overlap_rule_other_poolings_take_the_frames_as_they_are(utterance):
    settings = AlignmentSettings(frame_rule="overlap", pooling="max")
    embeddings = embed(Clock(), utterance, settings)
    last = embeddings.frames.doubled_centres[embeddings.spans[:, 1] - 1] / 2
    np.testing.assert_array_equal(embeddings.vectors[0, :, 0], last)


def test_rows_that_share_their_time_are_one_frame():
    starts = np.array([0, 0, 10, 20, 20, 20], dtype=np.int64)
    rows = np.array([[1, 0], [3, 0], [5, 1], [1, 0], [2, 0], [6, 3]], dtype=np.float32)
    heard = Extraction([rows, -rows], FrameTimes(starts, starts + 15, 16_000)).by_frame()
    assert heard.frames.start_samples.tolist() == [0, 10, 20]
    assert heard.frames.end_samples.tolist() == [15, 25, 35]
    for sign, layer in zip((1, -1), heard.layers, strict=True):
        assert layer.dtype == np.float32
        assert (sign * layer).tolist() == [[2, 0], [5, 1], [3, 1]]


@pytest.mark.parametrize("count", [0, 1, 4])
def test_rows_with_times_of_their_own_are_the_frames(count):
    frames = FrameTimes.regular(count, sample_rate_hz=16_000, stride_samples=160)
    extraction = Extraction([np.zeros((count, 2), dtype=np.float32)], frames)
    assert extraction.by_frame() is extraction


def test_a_word_without_a_time_or_a_token_is_missing_and_never_zero(utterance):
    intervals = (None, *utterance.word_intervals[1:])
    without_first = replace(utterance, word_intervals=intervals)
    assert 0 not in embed(Clock(), without_first, WORDS).token_ids
    known = [index for index, word in enumerate(utterance.words) if word != "the"]
    assert embed(Reader(), utterance, WORDS).token_ids.tolist() == known


def test_a_word_after_the_recording_is_missing_and_named_with_its_file(utterance, store, caplog):
    late = Interval("late", utterance.duration_s + 1, utterance.duration_s + 2)
    odd = replace(
        utterance,
        words=(*utterance.words, "late"),
        word_intervals=(*utterance.word_intervals, late),
    )
    side = make_side(
        Corpus("odd", utterance.audio.parent, (odd,)), Clock.spec, WORDS, {odd.id: "digest"}
    )
    assert list(embed_into(store, Clock(), [(odd, side.keys[odd.id])], WORDS, {})) == [None]
    found = get_embeddings(store, side.keys[odd.id])
    assert found.token_ids.tolist() == list(range(len(utterance.words)))
    assert f"{odd.audio}: clock has no frame or token for 'late' at" in caplog.text


def test_another_sample_rate_gives_more_samples_whose_times_stay_true(utterance):
    clock = Clock()
    heard = listen(clock, utterance, AlignmentSettings(sample_rate_hz=24_000))
    samples, told = clock.heard[0]
    assert samples == round(utterance.duration_s * 24_000)
    assert told == 16_000
    assert heard.end[-1] <= utterance.duration_s
    assert heard.end[-1] > utterance.duration_s - 2 * 400 / 24_000


class ThirdsOfSamples(Clock):
    """Its stride is 13 1/3 ms of the sample rate that it was made for."""

    def extract(self, _waveform, sample_rate):
        frames = FrameTimes.regular(
            5, sample_rate_hz=sample_rate, stride_samples=Fraction(640, 3), window_samples=400
        )
        return Extraction([np.zeros((5, 1), dtype=np.float32)], frames)


@pytest.mark.parametrize("given_hz", [8_000, 16_000, 24_000])
def test_another_sample_rate_also_moves_frames_that_lie_between_samples(utterance, given_hz):
    heard = listen(ThirdsOfSamples(), utterance, AlignmentSettings(sample_rate_hz=given_hz))
    np.testing.assert_allclose(heard.start, np.arange(5) * 640 / 3 / given_hz)
    np.testing.assert_allclose(heard.end - heard.start, 400 / given_hz)


@pytest.mark.parametrize("stride_ms", [20.0, 13.33])
def test_another_stride_spaces_the_frames_as_asked(utterance, stride_ms):
    heard = listen(Clock(), utterance, AlignmentSettings(stride_ms=stride_ms))
    np.testing.assert_allclose(np.diff(heard.start), stride_ms / 1000)


def test_phones_are_pooled_like_words(utterance):
    embeddings = embed(Clock(), utterance, AlignmentSettings(unit="phone"))
    assert len(embeddings.token_ids) == len(utterance.phone_intervals)


class Failing(Clock):
    """Refuses one recording."""

    def extract(self, waveform, sample_rate):
        if len(self.heard) == 1:
            self.heard.append(None)
            raise ModelError("this one is refused")
        return super().extract(waveform, sample_rate)


def test_one_failure_is_noted_with_its_file_and_the_rest_goes_on(store, caplog):
    corpus = open_corpus("demo")
    model, chosen = Failing(), corpus.utterances[:4]
    side = make_side(corpus, model.spec, WORDS, audio_digests(corpus, store))
    work = [(utterance, side.keys[utterance.id]) for utterance in chosen]
    outcomes = list(embed_into(store, model, work, WORDS, {"model": "clock"}))
    assert [outcome is None for outcome in outcomes] == [True, False, True, True]
    reason = store.get(failure_key(work[1][1])).metadata["reason"]
    assert reason == f"{chosen[1].audio}: this one is refused"
    assert "left out" in caplog.text
    assert get_embeddings(store, work[1][1]) is None
    assert get_embeddings(store, work[2][1]) is not None


def test_what_is_stored_is_not_computed_again(store):
    corpus = open_corpus("demo")
    model = Clock()
    side = make_side(corpus, model.spec, WORDS, audio_digests(corpus, store))
    work = [(utterance, side.keys[utterance.id]) for utterance in corpus.utterances[:3]]
    for _ in range(2):
        assert list(embed_into(store, model, work, WORDS, {})) == [None, None, None]
    assert len(model.heard) == 3
