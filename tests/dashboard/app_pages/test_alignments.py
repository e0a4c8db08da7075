import numpy as np
import pytest

from pipeline.configuration import open_store
from pipeline.corpus import open_corpus
from pipeline.corpus.digests import audio_digests
from pipeline.engine import open_queue
from pipeline.rendering import store_recording_view
from pipeline.request import ComparisonRequest
from pipeline.time_axis import FrameTimes
from pipeline.words.storage import WordEmbeddings, failure_key, put_embeddings

REQUEST = ComparisonRequest("demo", "s3prl:fbank", "s3prl:fbank")


def texts(test):
    return "\n".join(
        str(element.value) for kind in ("markdown", "caption", "text") for element in test.get(kind)
    )


@pytest.fixture
def drawn(app):  # noqa: ARG001 - for its home folder
    """The recording ada-01, drawn, and in the filterbank three frames a word."""
    corpus = open_corpus("demo")
    utterance = corpus.by_id["ada-01"]
    count = len(utterance.words)
    with open_store() as store:
        store_recording_view(store, utterance, audio_digests(corpus, store)["ada-01"])
        first = 3 * np.arange(count, dtype=np.int32)
        embeddings = WordEmbeddings(
            np.zeros((1, count, 2), dtype=np.float32),
            np.arange(count, dtype=np.int32),
            np.stack([first, first + 3], axis=1),
            FrameTimes.regular(
                3 * count, sample_rate_hz=16_000, stride_samples=160, window_samples=400
            ),
        )
        put_embeddings(store, REQUEST.plan(store).a.keys["ada-01"], embeddings, {})
    return utterance


def test_what_is_missing_of_a_recording_is_asked_for(app):
    test = app("alignments", model="s3prl:fbank", utterance="ada-01")
    with open_queue() as queue:
        (job,) = queue.active()
    assert job.kind == "view"
    assert job.task["utterance"] == "ada-01"
    assert job.task["model"] == "s3prl:fbank"
    assert "Computing what is missing of this recording" in texts(test)


def test_a_selected_word_is_told_in_numbers(app, drawn):
    test = app("alignments", model="s3prl:fbank", utterance="ada-01", word="1")
    word, time, length, frames = test.metric
    interval = drawn.word_intervals[1]
    assert word.value == drawn.words[1]
    assert time.value == f"{interval.start:.3f}–{interval.end:.3f} s"
    assert length.value == f"{1000 * (interval.end - interval.start):.0f} ms"
    assert frames.value == "3 (3 to 5)"
    assert "Computing" not in texts(test)


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize("word", ["99", "-1", "x", "1.5", "<b>"])
def test_a_word_that_does_not_exist_selects_none(app, word):
    test = app("alignments", model="s3prl:fbank", utterance="ada-01", word=word)
    assert list(test.metric) == []
    assert "Click a word to hear it" in texts(test)


def test_a_search_keeps_the_utterances_that_hold_the_word(app):
    expected = [u.id for u in open_corpus("demo").utterances if "piano" in u.words]
    test = app("alignments", search=" Piano ")
    assert test.selectbox(key="utterance").options == expected
    test = app("alignments", search="zzz")
    assert "holds the word 'zzz'; search another word" in texts(test)


def test_an_utterance_that_failed_says_why(app, drawn):
    with open_store() as store:
        key = REQUEST.plan(store).a.keys["ada-01"]
        store.delete(key)
        store.put(failure_key(key), {}, {"reason": f"{drawn.audio}: too short"})
    test = app("alignments", model="s3prl:fbank", utterance="ada-01")
    assert "too short" in texts(test)


def test_only_models_that_hear_are_offered(app):
    options = app("alignments").selectbox(key="model").options
    assert "s3prl:fbank" in options
    assert "minilm" not in options


def test_a_recording_that_cannot_be_computed_says_why_and_is_tried_again_only_when_asked(app):
    app("alignments", model="s3prl:fbank", utterance="ada-01")
    with open_queue() as queue:
        (job,) = queue.active()
        queue.claim(job)
        queue.finish(job, "ada-01.flac: is cut short")
    test = app("alignments", model="s3prl:fbank", utterance="ada-01")
    assert "This could not be computed: ada-01.flac: is cut short" in texts(test)
    assert "Computing what is missing" not in texts(test)
    with open_queue() as queue:
        assert queue.find(job.digest).state == "failed"
    next(button for button in test.button if button.label == "Try again").click().run()
    assert "Computing what is missing" in texts(test)
    with open_queue() as queue:
        assert queue.find(job.digest).is_active
