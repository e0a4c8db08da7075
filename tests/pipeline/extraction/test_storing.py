import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace

import numpy as np
import pytest

from cache import SharedTier, Store, StoreFullError
from pipeline.corpus import Corpus, open_corpus
from pipeline.corpus.digests import audio_digests
from pipeline.errors import DeviceMemoryError, ModelError
from pipeline.extraction import embed, embed_into
from pipeline.models.batching import hear
from pipeline.planning import make_side
from pipeline.settings import AlignmentSettings
from pipeline.time_axis import Interval
from pipeline.words.storage import failure_key, get_embeddings
from tests.pipeline.extraction.doubles import Clock

WORDS = AlignmentSettings()


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


@pytest.fixture
def work_for(store):
    """Return the first utterances of the demonstration corpus with their keys for a model."""

    def work(model, count=5):
        corpus = open_corpus("demo")
        side = make_side(corpus, model.spec, WORDS, audio_digests(corpus, store))
        return [(utterance, side.keys[utterance.id]) for utterance in corpus.utterances[:count]]

    return work


def test_batches_store_what_each_utterance_gives_alone(store, work_for, speech_model):
    model, batches = speech_model("wav2vec2"), []
    hook = model._model.register_forward_pre_hook(  # noqa: SLF001
        lambda _model, _args, given: batches.append(len(given["input_values"])), with_kwargs=True
    )
    work = work_for(model)
    longest = max(utterance.duration_s for utterance, _ in work)
    outcomes = list(embed_into(store, model, work, WORDS, {}, batch_s=2 * longest))
    hook.remove()
    assert outcomes == [None] * 5
    assert batches == [2, 2, 1]
    for utterance, key in work:
        expected, found = embed(model, utterance, WORDS), get_embeddings(store, key)
        assert found.spans.tolist() == expected.spans.tolist()
        np.testing.assert_allclose(found.vectors, expected.vectors, rtol=0, atol=1e-5)


def test_on_a_cpu_the_bits_do_not_depend_on_what_else_is_computed(store, work_for, speech_model):
    model = speech_model("wav2vec2")
    work = work_for(model)
    assert list(embed_into(store, model, work, WORDS, {})) == [None] * 5
    for utterance, key in work[::-1]:
        expected = embed(model, utterance, WORDS).vectors
        assert get_embeddings(store, key).vectors.tobytes() == expected.tobytes()


class SmallMemory(Clock):
    """A model that hears several recordings at once, unless they have too many samples."""

    def __init__(self, samples):
        super().__init__()
        self.samples, self.batches = samples, []

    def hear(self, waveforms, sample_rate):
        padded = len(waveforms) * max(map(len, waveforms))
        self.batches.append(len(waveforms))
        if padded > self.samples:
            raise DeviceMemoryError("too much at once")
        return hear(Clock(), waveforms, sample_rate)


def test_a_batch_that_memory_does_not_hold_is_halved_and_so_are_the_next(store, work_for):
    work = work_for(SmallMemory(0), 20)
    longest = max(utterance.duration_s for utterance, _ in work)
    model = SmallMemory(round(2.5 * 16_000 * longest))
    outcomes = list(embed_into(store, model, work, WORDS, {}, batch_s=8.5 * longest))
    assert outcomes == [None] * 20
    assert model.batches[:3] == [8, 4, 2]
    # No batch after the first is given in vain.
    assert model.batches[5:].count(4) <= 1
    for utterance, key in work:
        expected = embed(Clock(), utterance, WORDS).vectors
        np.testing.assert_array_equal(get_embeddings(store, key).vectors, expected)


def test_one_recording_that_memory_does_not_hold_has_failed_and_the_rest_goes_on(store, work_for):
    work = work_for(SmallMemory(0))
    lengths = sorted(utterance.duration_s for utterance, _ in work)
    model = SmallMemory(round(16_000 * (lengths[-1] + lengths[-2]) / 2))
    outcomes = list(embed_into(store, model, work, WORDS, {}, batch_s=1000.0))
    # The longest comes first.
    assert [reason is None for reason in outcomes] == [False, True, True, True, True]
    assert "too much at once" in outcomes[0]


def test_the_utterance_that_a_batch_fails_for_is_found_and_the_others_are_stored(
    store, work_for, speech_model
):
    model = speech_model("wav2vec2")
    work = work_for(model)
    lost = replace(work[2][0], audio=work[2][0].audio.with_name("lost.flac"))
    short = replace(work[3][0], segment=Interval("part", 0.0, 0.001))
    work[2], work[3] = (lost, work[2][1]), (short, work[3][1])
    outcomes = [*embed_into(store, model, work, WORDS, {}, batch_s=1000.0)]
    reasons = sorted(filter(None, outcomes))
    assert len(outcomes) == 5
    assert len(reasons) == 2
    for _, key in work[2:4]:
        assert store.get(failure_key(key)).metadata["reason"] in reasons
        assert get_embeddings(store, key) is None
    for _, key in (*work[:2], work[4]):
        assert get_embeddings(store, key) is not None


def test_a_lost_recording_is_named_in_its_turn(store, work_for):
    model = Clock()
    work = work_for(model)
    lost = replace(work[1][0], audio=work[1][0].audio.with_name("lost.flac"))
    work[1] = (lost, work[1][1])
    outcomes = list(embed_into(store, model, work, WORDS, {}))
    assert [reason is None for reason in outcomes] == [True, False, True, True, True]
    assert outcomes[1].startswith(f"{lost.audio}: cannot be read as audio")


def test_a_full_store_stops_the_run(tmp_path, work_for):
    model = Clock()
    work = work_for(model)
    with Store(tmp_path / "full", size_limit_bytes=1) as full, pytest.raises(StoreFullError):
        list(embed_into(full, model, work, WORDS, {}))


def test_what_was_computed_is_stored_even_if_nobody_asks_for_more(store, work_for):
    work = work_for(Clock())
    outcomes = embed_into(store, Clock(), work, WORDS, {})
    assert next(outcomes) is None
    outcomes.close()
    assert get_embeddings(store, work[0][1]) is not None
    assert not [each for each in threading.enumerate() if each.name.startswith(("ahead", "behind"))]


def test_what_another_process_is_computing_comes_last_and_only_if_it_gave_up(store, work_for):
    model = Clock()
    (one, one_key), (two, two_key), (three, three_key), *_ = work_for(model)
    elsewhere = Store(store.path)
    work = [(one, one_key), (two, two_key), (three, three_key)]
    with ExitStack() as claims:
        assert claims.enter_context(elsewhere.claim(one_key))
        done = embed_into(store, model, work, WORDS, {})
        assert [next(done), next(done)] == [None, None]
        assert store.missing([key for _, key in work]) == [one_key]
    assert list(done) == [None]
    assert store.missing([key for _, key in work]) == []
    assert len(model.heard) == 3


def test_two_at_once_share_the_work_and_none_is_done_twice(store, work_for):
    first, second = Clock(), Clock()
    work = work_for(first, 40)

    def run(model):
        with Store(store.path) as opened:
            return list(embed_into(opened, model, work, WORDS, {}))

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(run, [first, second])) == [[None] * 40] * 2
    assert len(first.heard) + len(second.heard) == 40
    assert store.missing([key for _, key in work]) == []
    assert list((store.path / "claims").iterdir()) == []


def test_a_key_that_two_utterances_share_is_computed_once(store, work_for):
    model = Clock()
    (utterance, key), *_ = work_for(model)
    assert list(embed_into(store, model, [(utterance, key)] * 3, WORDS, {})) == [None] * 3
    assert len(model.heard) == 1


def test_records_of_other_hosts_are_fetched_and_ours_are_published(store, work_for, tmp_path):
    (tmp_path / "tier").mkdir()
    tier = SharedTier((tmp_path / "tier").as_uri())
    model, there = Clock(), Clock()
    work = work_for(model)
    with Store(tmp_path / "there") as other:
        assert list(embed_into(other, there, work[:3], WORDS, {}, tier=tier)) == [None] * 3
        assert list(embed_into(store, model, work, WORDS, {}, tier=tier)) == [None] * 5
        assert len(model.heard) == 2
        for _, key in work[:3]:
            expected = get_embeddings(other, key).vectors
            assert get_embeddings(store, key).vectors.tobytes() == expected.tobytes()
    assert tier.missing([key for _, key in work]) == []


class Loud(Clock):
    """Gives values that half precision does not hold."""

    def extract(self, waveform, sample_rate):
        found = super().extract(waveform, sample_rate)
        return replace(found, layers=[layer + np.float32(1e6) for layer in found.layers])


def test_values_too_large_for_half_precision_fail_their_utterance(store, work_for):
    half = AlignmentSettings(storage="float16")
    work = work_for(Loud())[:2]
    outcomes = list(embed_into(store, Loud(), work, half, {}))
    assert all("float16 ends at 65504; choose the storage float32" in each for each in outcomes)
    assert store.get(failure_key(work[0][1])) is not None
    assert list(embed_into(store, Clock(), work, half, {})) == [None, None]
    assert get_embeddings(store, work[0][1]).vectors.dtype == np.float16
