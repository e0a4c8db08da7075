from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cache import Key
from pipeline.corpus.utterance import Utterance
from pipeline.models.spec import ModelSpec
from pipeline.settings import AlignmentSettings
from pipeline.time_axis import FrameTimes, Interval
from pipeline.words.storage import (
    WordEmbeddings,
    embedding_key,
    failure_key,
    get_embeddings,
    labels_of,
    put_embeddings,
)

UTTERANCE = Utterance(
    "u1",
    "ada",
    Path("u1.wav"),
    2.0,
    ("the", "dog"),
    (Interval("the", 0.1, 0.4), None),
    (Interval("DH", 0.1, 0.2),),
)
SPEECH = ModelSpec("speech", "test", "speech", ("all",), 4, "weights-1", sample_rate_hz=16_000)
AUDIO = replace(SPEECH, name="audio", modality="audio", fingerprint="weights-2")
TEXT = ModelSpec("text", "test", "text", ("all",), 4, "weights-3")
SETTINGS = AlignmentSettings()
OTHER_SETTINGS = [
    AlignmentSettings(unit="phone"),
    AlignmentSettings(frame_rule="overlap"),
    AlignmentSettings(frame_rule="thesis"),
    AlignmentSettings(frame_rule="pasad"),
    AlignmentSettings(pooling="max"),
    AlignmentSettings(sample_rate_hz=8000),
    AlignmentSettings(stride_ms=20.0),
]
HALF = AlignmentSettings(storage="float16")
EMBEDDINGS = WordEmbeddings(
    np.random.default_rng(0).normal(size=(3, 2, 4)).astype(np.float32),
    np.array([0, 5], dtype=np.int32),
    np.array([[0, 2], [7, 8]], dtype=np.int32),
)
KEY = Key("embedding", 1, {})


def key_of(utterance=UTTERANCE, spec=SPEECH, settings=SETTINGS, audio_digest="audio-1"):
    return embedding_key(utterance, spec, settings, audio_digest)


@pytest.mark.parametrize("spec", [SPEECH, AUDIO], ids=lambda spec: spec.name)
def test_every_setting_changes_the_key_of_a_model_that_hears(spec):
    keys = {key_of(spec=spec, settings=settings) for settings in [SETTINGS, *OTHER_SETTINGS]}
    assert len(keys) == 1 + len(OTHER_SETTINGS)


def test_vectors_that_are_looked_up_belong_to_one_utterance():
    words = replace(TEXT, name="words", modality="words", fingerprint="weights-4")
    twin = replace(UTTERANCE, id="u2")
    assert key_of(twin, TEXT) == key_of(UTTERANCE, TEXT)
    assert key_of(twin, words) != key_of(UTTERANCE, words)
    assert key_of(spec=words, settings=OTHER_SETTINGS[1]) == key_of(spec=words)


def test_no_alignment_setting_changes_the_key_of_a_model_that_reads_text():
    assert {key_of(spec=TEXT, settings=settings) for settings in OTHER_SETTINGS} == {
        key_of(spec=TEXT)
    }


@pytest.mark.parametrize("spec", [SPEECH, AUDIO, TEXT], ids=lambda spec: spec.name)
def test_half_precision_is_another_record(spec):
    assert key_of(spec=spec, settings=HALF) != key_of(spec=spec)


def test_the_model_s_own_sample_rate_is_the_same_as_none():
    own = AlignmentSettings(sample_rate_hz=16_000)
    assert key_of(settings=own) == key_of()
    slower = replace(SPEECH, sample_rate_hz=8000)
    assert key_of(spec=slower, settings=own) != key_of(spec=slower)


@pytest.mark.parametrize("spec", [SPEECH, TEXT], ids=lambda spec: spec.name)
def test_other_weights_change_the_key(spec):
    assert key_of(spec=replace(spec, fingerprint="other")) != key_of(spec=spec)


@pytest.mark.parametrize("spec", [SPEECH, TEXT], ids=lambda spec: spec.name)
def test_names_and_descriptions_do_not_change_the_key(spec):
    other = replace(spec, name="renamed", description="new", source="elsewhere")
    assert key_of(spec=other) == key_of(spec=spec)


def test_the_audio_changes_the_key_of_models_that_hear_only():
    assert key_of(audio_digest="audio-2") != key_of()
    assert key_of(spec=TEXT, audio_digest="audio-2") == key_of(spec=TEXT)


@pytest.mark.parametrize(
    "intervals",
    [
        (Interval("the", 0.1, 0.5), None),
        (Interval("the", 0.2, 0.4), None),
        (None, Interval("the", 0.1, 0.4)),
        (Interval("the", 0.1, 0.4), Interval("dog", 0.4, 0.5)),
    ],
    ids=str,
)
def test_the_times_of_words_change_the_key_of_models_that_hear_only(intervals):
    other = replace(UTTERANCE, word_intervals=intervals)
    assert key_of(other) != key_of()
    assert key_of(other, spec=TEXT) == key_of(spec=TEXT)


def test_only_the_unit_s_own_times_are_in_the_key():
    phones = AlignmentSettings(unit="phone")
    other_phones = replace(UTTERANCE, phone_intervals=(Interval("DH", 0.1, 0.3),))
    assert key_of(other_phones) == key_of()
    assert key_of(other_phones, settings=phones) != key_of(settings=phones)
    other_words = replace(UTTERANCE, word_intervals=(None, None))
    assert key_of(other_words, settings=phones) == key_of(settings=phones)


def test_the_transcript_changes_the_key_of_models_that_read():
    assert key_of(replace(UTTERANCE, words=("the", "cat")), spec=TEXT) != key_of(spec=TEXT)


@pytest.mark.parametrize("spec", [SPEECH, TEXT], ids=lambda spec: spec.name)
def test_where_a_recording_lies_and_who_speaks_do_not_change_the_key(spec):
    moved = replace(UTTERANCE, id="u2", audio=Path("elsewhere/u2.flac"), speaker="bob", sex="m")
    assert key_of(moved, spec=spec) == key_of(spec=spec)


def test_a_failure_has_a_key_of_its_own_for_each_embedding():
    keys = {key_of(), key_of(spec=TEXT), failure_key(key_of()), failure_key(key_of(spec=TEXT))}
    assert len(keys) == 4
    assert failure_key(key_of()).kind == "failure"


@pytest.mark.parametrize(
    "frames",
    [
        None,
        FrameTimes.regular(9, sample_rate_hz=16_000, stride_samples=320, window_samples=400),
        FrameTimes.regular(1, sample_rate_hz=16_000, stride_samples=213.28, window_samples=400),
    ],
    ids=["text", "frames", "one frame"],
)
def test_embeddings_come_back_as_they_were_put(store, frames):
    put_embeddings(store, KEY, replace(EMBEDDINGS, frames=frames), {"model": "m"})
    found = get_embeddings(store, KEY)
    assert isinstance(found.vectors, np.memmap)
    for name in ("vectors", "token_ids", "spans"):
        np.testing.assert_array_equal(getattr(found, name), getattr(EMBEDDINGS, name), strict=True)
    assert (found.frames is None) == (frames is None)
    if frames is not None:
        assert found.frames.sample_rate_hz == frames.sample_rate_hz
        assert found.frames.stride_samples == frames.stride_samples
        assert found.frames.start_samples.tolist() == frames.start_samples.tolist()
        assert found.frames.end_samples.tolist() == frames.end_samples.tolist()
    assert next(store.find()).labels == {"model": "m"}


def test_an_utterance_without_a_word_comes_back(store):
    empty = WordEmbeddings(
        np.zeros((3, 0, 4), np.float32), np.zeros(0, np.int32), np.zeros((0, 2), np.int32)
    )
    put_embeddings(store, KEY, empty, {})
    assert get_embeddings(store, KEY).vectors.shape == (3, 0, 4)


def test_embeddings_that_were_never_put_are_none(store):
    assert get_embeddings(store, KEY) is None


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_vectors_that_are_not_finite_are_refused(store, value):
    vectors = EMBEDDINGS.vectors.copy()
    vectors[2, 1, 3] = value
    with pytest.raises(ValueError, match="the model gave vectors that are not finite"):
        put_embeddings(store, KEY, replace(EMBEDDINGS, vectors=vectors), {})
    assert store.missing([KEY]) == [KEY]


def test_half_precision_keeps_three_digits_in_half_the_room(store):
    put_embeddings(store, KEY, EMBEDDINGS, {}, "float16")
    found = get_embeddings(store, KEY).vectors
    assert found.dtype == np.float16
    # Half of the distance from 1 to the next number above it: what rounding may cost.
    np.testing.assert_allclose(found, EMBEDDINGS.vectors, rtol=2**-11, atol=2**-25)


@pytest.mark.parametrize("value", [65_600.0, -1e9])
def test_values_beyond_half_precision_are_refused_with_what_to_do(store, value):
    vectors = EMBEDDINGS.vectors.copy()
    vectors[0, 1, 2] = value
    large = replace(EMBEDDINGS, vectors=vectors)
    with pytest.raises(ValueError, match="float16 ends at 65504; choose the storage float32"):
        put_embeddings(store, KEY, large, {}, "float16")
    assert store.missing([KEY]) == [KEY]
    put_embeddings(store, KEY, large, {})


@pytest.mark.parametrize("name", ["vectors", "token_ids", "spans"])
@pytest.mark.usefixtures("unchecked_types")
def test_parts_of_different_lengths_are_refused(name):
    part = getattr(EMBEDDINGS, name)
    shorter = part[:, :1] if name == "vectors" else part[:1]
    with pytest.raises(
        ValueError, match=r"vectors, token ids and spans are of \(\d, \d, \d\) words"
    ):
        replace(EMBEDDINGS, **{name: shorter})


def test_labels_say_which_model_and_corpus():
    named = {"corpus": "mini", "model": "speech", "settings": "word, centre, mean"}
    assert labels_of(SPEECH, "mini", SETTINGS) == named
    assert labels_of(TEXT, "mini", SETTINGS)["settings"] == "float32"
